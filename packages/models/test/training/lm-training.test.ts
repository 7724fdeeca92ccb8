import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { ortRuntime } from '../../src/tensor/ort/runtime.ts';
import { heldOut } from '../../src/training/held-out.ts';
import { LmTraining } from '../../src/training/lm-training.ts';
import { recipeConfig, LM_RECIPE } from '../../src/training/train-lm.ts';
import { causalDecoder } from '../../src/transformer/causal-decoder.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { packSequences } from '../../src/port/index.ts';

const runtime = ortRuntime(ort, 'onnxruntime-node', { threads: 1 });
const END = 6;
const SIZE = { batch: 4, length: 16 };
const config = recipeConfig({ ...LM_RECIPE, width: 16, heads: 2, layers: 1, hidden: 32, length: 16 }, 7);

/** 0 then 1 or 2, as often; then as many 3 as the text is long: ln 2 nats for the choice, and the lengths are equally likely. */
const texts = Array.from({ length: 64 }, (_, i) =>
  Int32Array.of(0, 1 + (i % 2), ...new Array<number>((i >> 1) % 4).fill(3)),
);

const start = () =>
  LmTraining.create(
    runtime,
    { config, texts, end: END, epochs: 24, rate: 1e-2, weightDecay: 0, ...SIZE },
    seededChooser('lm'),
  );

test('the loss goes down to the entropy of the texts', async () => {
  const training = await start();
  const first = (await training.step()).loss;
  while (training.stepsDone < training.steps) await training.step();
  const { nats, tokens } = await heldOut(runtime, config, training.weights, texts, { end: END, ...SIZE });
  const entropy = (texts.length * (Math.log(2) + Math.log(4))) / tokens;
  expect(first).toBeGreaterThan(1.8);
  expect(nats / tokens).toBeGreaterThan(entropy - 1e-6);
  expect(nats / tokens).toBeLessThan(1.1 * entropy);
}, 120_000);

test('packed texts are scored as each is on its own', async () => {
  const training = await start();
  for (let k = 0; k < 5; k++) await training.step();
  const some = texts.slice(0, 9);
  const packed = await heldOut(runtime, config, training.weights, some, { end: END, ...SIZE });
  const alone = causalDecoder(new Decoder(runtime, config, training.weights, END), 'x');
  const scores = await alone.score!(
    Int32Array.of(END),
    packSequences(
      some,
      some.map(() => 1),
    ),
  );
  expect(packed.nats).toBeCloseTo(-scores.reduce((a, b) => a + b), 3);
  expect(packed.tokens).toBe(some.reduce((total, text) => total + text.length + 1, 0));
});

test('restored in the middle of an epoch, it goes on to the same bits', async () => {
  const straight = await start();
  const losses: number[] = [];
  for (let k = 0; k < 12; k++) losses.push((await straight.step()).loss);
  const first = await start();
  for (let k = 0; k < 7; k++) await first.step();
  const second = await start();
  second.restore(first.state());
  for (let k = 7; k < 12; k++) expect((await second.step()).loss).toBe(losses[k]);
  for (const [name, data] of straight.weights) expect(second.weights.get(name)).toEqual(data);
});
