import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { runs } from '../../../testing/test/slow.ts';
import { neuralModel } from '../../src/neural/index.ts';
import { packSequences } from '../../src/port/index.ts';
import { headConfig } from '../../src/rewards/head-config.ts';
import { type RewardPlan, RewardTraining } from '../../src/rewards/reward-training.ts';
import { TextStates } from '../../src/rewards/states.ts';
import type { Tensor, TensorRuntime } from '../../src/tensor/index.ts';
import { decoderPolicy } from '../../src/training/decoder-policy.ts';
import { initialise } from '../../src/training/initialise.ts';
import { LmTraining } from '../../src/training/lm-training.ts';
import { LM_RECIPE, recipeConfig } from '../../src/training/train-lm.ts';
import { causalDecoder } from '../../src/transformer/causal-decoder.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { parametersOf } from '../../src/transformer/parameters.ts';
import { SteeredDecoding } from '../../src/transformer/steered.ts';
import { RUNTIMES, type RuntimeName, runtimeOf, tf } from '../tensor/runtimes.ts';

/** Steps of one test; what one keeps adds up over any number of them. */
const STEPS = runs(250, 1000);
/** Enough for resident memory to show what is kept. */
const MANY = 1000;
const END = 6;
const SIZE = { batch: 2, length: 8 };
/** Small, except that its feed-forward layers make the arrays of one step half a megabyte, which 1,000 leaks would show. */
const CONFIG = recipeConfig({ ...LM_RECIPE, width: 16, heads: 2, layers: 1, hidden: 32, length: 16 }, 7);
const WIDE = recipeConfig({ ...LM_RECIPE, width: 64, heads: 2, layers: 1, hidden: 512, length: 16 }, 7);
const texts = Array.from({ length: 64 }, (_, i) => Int32Array.of(0, 1 + (i % 2), ...new Array<number>(i % 4).fill(3)));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A runtime that counts the tensors which it has given and nobody has let go of. */
function counting(runtime: TensorRuntime): { readonly runtime: TensorRuntime; live(): number } {
  const live = new Set<Tensor>();
  const kept = (tensor: Tensor): Tensor => {
    const { dispose } = tensor;
    tensor.dispose = () => {
      live.delete(tensor);
      dispose.call(tensor);
    };
    live.add(tensor);
    return tensor;
  };
  return {
    live: () => live.size,
    runtime: {
      ...runtime,
      tensor: (data, shape) => kept(runtime.tensor(data, shape)),
      async compile(program, options) {
        const compiled = await runtime.compile(program, options);
        return {
          dispose: () => compiled.dispose(),
          async run(inputs) {
            const results = await compiled.run(inputs);
            for (const tensor of Object.values(results)) kept(tensor);
            return results;
          },
        };
      },
    },
  };
}

/** Tensors that TensorFlow.js holds. */
const heldBy = (name: RuntimeName): number => (name === 'onnxruntime' ? 0 : tf.memory().numTensors);
const weightsOf = (config: typeof CONFIG) => initialise(parametersOf(config), seededChooser('weights'));
const plan = (config: typeof CONFIG) => ({ config, texts, end: END, epochs: 200, rate: 1e-3, weightDecay: 0, ...SIZE });

describe.each(RUNTIMES)('%s', { timeout: 120_000 }, (name) => {
  test(`keeps no tensor of ${STEPS} training steps`, async () => {
    const { runtime, live } = counting(await runtimeOf(name, 1));
    const training = await LmTraining.create(runtime, plan(CONFIG), seededChooser('lm'));
    await training.step();
    const [before, held] = [live(), heldBy(name)];
    for (let k = 1; k < STEPS; k++) await training.step();
    expect([live(), heldBy(name)]).toEqual([before, held]);
    await training.dispose();
    expect(live()).toBe(0);
  });

  test(`keeps no tensor of ${STEPS} decoding steps`, async () => {
    const { runtime, live } = counting(await runtimeOf(name, 1));
    const decoder = new Decoder(runtime, CONFIG, weightsOf(CONFIG), END);
    const one = async (): Promise<void> => {
      const start = decoder.open(1, 'logProbs');
      await start.reorder(Int32Array.of(0, 0));
      const early = await start.fork(Int32Array.of(1, 0, 0));
      for (const token of [1, 2, 3]) await start.step(Int32Array.of(token, 0));
      const late = await start.fork(Int32Array.of(1, 0, 0));
      for (const token of [1, 2, 3]) {
        await late.step(Int32Array.of(token, 4, 0));
        await early.step(Int32Array.of(token, 4, 0));
        await late.reorder(Int32Array.of(2, 2, 0));
      }
      await decoder.score(Int32Array.of(END, 1, 2), Int32Array.of(1, 2, END), 1, 3);
      for (const decoding of [start, early, late]) decoding.dispose();
    };
    await one();
    const [before, held] = [live(), heldBy(name)];
    for (let k = 9; k < STEPS; k += 9) await one();
    expect([live(), heldBy(name)]).toEqual([before, held]);
    await decoder.dispose();
    expect(live()).toBe(0);
  });

  test.each(['linear', 'transformer'] as const)(`keeps no tensor of training a %s head`, async (kind) => {
    const { runtime, live } = counting(await runtimeOf(name, 1));
    const decoder = new Decoder(runtime, CONFIG, weightsOf(CONFIG), END);
    const head = headConfig(kind, CONFIG.width, 1);
    const states = new TextStates(decoder, head);
    const pairs = texts.map((_, i) => ({ kind: 'pair', chosen: i, rejected: (i + 1) % texts.length }) as const);
    const plan: RewardPlan = {
      ...{ kind: 'bt', head, epochs: 99, batch: 8, rate: 0.01, weightDecay: 0 },
      member: false,
    };
    const training = new RewardTraining(
      runtime,
      plan,
      pairs,
      (some) => states.of(some.map((i) => texts[i])),
      seededChooser('reward'),
    );
    await training.step();
    const [before, held] = [live(), heldBy(name)];
    for (let k = 1; k < STEPS / 5; k++) await training.step();
    expect([live(), heldBy(name)]).toEqual([before, held]);
    await training.dispose();
    await decoder.dispose();
    expect(live()).toBe(0);
  });

  test('keeps no tensor of steered texts', async () => {
    const { runtime, live } = counting(await runtimeOf(name, 1));
    const decoder = new Decoder(runtime, CONFIG, weightsOf(CONFIG), END);
    for (let k = 0; k < 5; k++) {
      const goal = { kind: 'bag', bags: [Int32Array.of(1, 3)] } as const;
      const steered = await SteeredDecoding.open(decoder, 2, goal, 0.01);
      for (let t = 0; t < 4; t++) {
        const { layers, heads, positions, size } = steered.past;
        const change = Array.from({ length: 2 * layers }, () => new Float32Array(2 * heads * positions * size));
        if (positions > 0) await steered.slopes(change);
        await steered.law(change);
        await steered.advance(Int32Array.of(1, 2));
      }
      steered.dispose();
      expect(live()).toBe(0);
    }
  });

  test('lets go of what a prior and the laws of a policy have read once nobody has them any more', async () => {
    const { runtime, live } = counting(await runtimeOf(name, 1));
    const vocabulary = { size: 7, tokens: [...'abcdef', '<end>'], separator: '' };
    const parts = { vocabulary, maxTokens: 4, prefix: Int32Array.of(END) };
    const use = async (): Promise<void> => {
      const decoder = new Decoder(runtime, CONFIG, weightsOf(CONFIG), END);
      const prior = await neuralModel(causalDecoder(decoder, 'toy'), parts);
      await prior.sample(5, seededChooser('draws'));
      const policy = await decoderPolicy(
        { decoder, id: 'toy', ...parts, prefixes: [parts.prefix] },
        { learningRate: 0.01, clip: 0, positions: false },
      );
      for (let k = 0; k < 20; k++) {
        await policy.update(packSequences([[1, 2], [3]], [true, true]), Float64Array.of(1, -1)); // prettier-ignore
        await policy.sample(5, seededChooser(`draws ${k}`));
      }
      await decoder.dispose();
    };
    await use();
    for (let k = 0; k < 50 && live() > parametersOf(CONFIG).length; k++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // The policy's own weights are with it for as long as it lives.
    expect(live()).toBeLessThanOrEqual(parametersOf(CONFIG).length);
  });
});

test(
  `onnxruntime takes no more memory after ${MANY} steps of training and decoding`,
  { timeout: 120_000 },
  async () => {
    const runtime = await runtimeOf('onnxruntime', 1);
    const training = await LmTraining.create(runtime, plan(WIDE), seededChooser('lm'));
    const decoder = new Decoder(runtime, WIDE, weightsOf(WIDE), END);
    const decoding = async (): Promise<void> => {
      const rows = decoder.open(16, 'logProbs');
      for (let t = 0; t < 5; t++) await rows.step(new Int32Array(16).fill(t));
      rows.dispose();
    };
    const megabytes = (): number => {
      collect();
      return process.memoryUsage.rss() / 2 ** 20;
    };
    const steps = async (count: number): Promise<void> => {
      for (let k = 0; k < count; k++) {
        await training.step();
        if (k % 5 === 0) await decoding();
      }
    };
    await steps(200);
    const before = megabytes();
    await steps(MANY);
    // The arrays of one step are 0.4 MB, those of all steps 400 MB.
    expect(megabytes() - before).toBeLessThan(100);
  },
);
