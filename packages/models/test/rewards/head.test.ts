import { describe, expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { Head } from '../../src/rewards/head.ts';
import { headConfig, headParameters } from '../../src/rewards/head-config.ts';
import { gatherStates, TextStates } from '../../src/rewards/states.ts';
import { initialise } from '../../src/training/initialise.ts';
import { GPT2, LLAMA, runtime, toyDecoder, toyTexts } from './support.ts';

const CASES = [
  ['linear', 'last', LLAMA],
  ['linear', 'mean', GPT2],
  ['transformer', 'last', LLAMA],
  ['transformer', 'mean', GPT2],
] as const;

function freshHead(kind: 'linear' | 'transformer', pooling: 'last' | 'mean') {
  const config = headConfig(kind, 16, 2, pooling);
  const weights = initialise(
    headParameters(config).map((p) => ({ ...p, initial: p.initial === 'ones' ? p.initial : 0.3 })),
    seededChooser('head'),
  );
  return { config, weights, head: new Head(runtime, config, weights) };
}

describe.each(CASES)('%s head over the %s state', (kind, pooling, decoder) => {
  test('gradients are those of central differences', async () => {
    const { config, weights, head } = freshHead(kind, pooling);
    const batch = await new TextStates(toyDecoder(decoder), config).of(toyTexts(3, 'texts', 9));
    const upstream = Float32Array.of(0.5, -1, 0.7, 0.2, -0.3, 1.1);
    const gradients = await head.gradients(batch, upstream);
    const value = async (): Promise<number> =>
      (await head.outputs(batch)).reduce((sum, v, i) => sum + v * upstream[i], 0);
    for (const [name, data] of weights) {
      for (const i of [0, data.length >> 1, data.length - 1]) {
        const before = data[i];
        const h = 0.02;
        data[i] = before + h;
        const up = await value();
        data[i] = before - h;
        const slope = (up - (await value())) / (2 * h);
        data[i] = before;
        expect(Math.abs((gradients.get(name) as Float32Array)[i] - slope), name).toBeLessThan(3e-3 * Math.max(1, Math.abs(slope))); // prettier-ignore
      }
    }
  });

  test('what a text is batched with does not matter', async () => {
    const { config, head } = freshHead(kind, pooling);
    const states = new TextStates(toyDecoder(decoder), config);
    const texts = [...toyTexts(2, 'short', 4), ...toyTexts(2, 'long', 20)];
    const together = await head.outputs(await states.of(texts));
    const alone = await Promise.all(texts.map(async (text) => head.outputs(await states.of([text]))));
    alone.flatMap((row) => [...row]).forEach((v, i) => expect(together[i]).toBeCloseTo(v, 4));
    const parts = await Promise.all(texts.map((text) => states.of([text])));
    const gathered = await head.outputs(gatherStates(parts.map((from) => ({ from, row: 0 }))));
    gathered.forEach((v, i) => expect(v).toBeCloseTo(together[i], 4));
  });
});

test('of a text that is too long the end is kept', async () => {
  const { config, head } = freshHead('linear', 'last');
  const states = new TextStates(toyDecoder(), config);
  const long = toyTexts(1, 'long', 1)[0];
  const text = Int32Array.from({ length: 60 }, (_, i) => 1 + ((i * i + long[0]) % 12));
  const [whole, end] = [await states.of([text]), await states.of([text.subarray(60 - 31)])];
  expect([...(await head.outputs(whole))]).toEqual([...(await head.outputs(end))]);
});
