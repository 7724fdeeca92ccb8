import { describe, expect, it } from 'vitest';
import { bigram, choiceOffsets, readStoredTable, type TrainablePolicy } from '../../src/index.ts';
import { CHAIN, chiSquareRatio, failure, listSequences } from '../priors/support.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';

const OPTIONS = { learningRate: 0, clip: 1e9, positions: false };

async function policyOf(options: Partial<typeof OPTIONS> = {}, maxTokens = 3): Promise<TrainablePolicy> {
  return bigram(CHAIN, maxTokens).trainable!({ ...OPTIONS, ...options });
}

const total = (p: TrainablePolicy, batch: Parameters<TrainablePolicy['logProb']>[0], c: Float64Array): number =>
  (p.logProb(batch) as Float64Array).reduce((sum, l, i) => sum + c[i] * l, 0);

/** ∂ Σ c log q / ∂ logit by central differences, each logit moved by `restore`. */
async function differences(p: TrainablePolicy, value: () => number): Promise<number[]> {
  const before = await p.snapshot();
  const found: number[] = [];
  for (let k = 0; k < p.parameters; k++) {
    const sides: number[] = [];
    for (const by of [1e-5, -1e-5]) {
      const logits = before.arrays['logits'].slice();
      logits[k] += by;
      await p.restore({ ...before, arrays: { ...before.arrays, logits } });
      sides.push(value());
    }
    found.push((sides[0] - sides[1]) / 2e-5);
  }
  await p.restore(before);
  return found;
}

/** The gradient that an update went along: Adam's first moment after its first step is a tenth of it. */
async function gradientOf(p: TrainablePolicy, update: () => unknown): Promise<number[]> {
  const before = await p.snapshot();
  await update();
  const found = Array.from((await p.snapshot()).arrays['first'], (m) => m / 0.1);
  await p.restore(before);
  return found;
}

function close(found: readonly number[], wanted: readonly number[], digits = 8): void {
  expect(found.length).toBe(wanted.length);
  found.forEach((x, i) => expect(x, `entry ${i}`).toBeCloseTo(wanted[i], digits));
}

describe.each([false, true])('a table of logits, positions %s', (positions) => {
  it('starts at its prior', async () => {
    const p = await policyOf({ positions });
    const { batch, logProbs } = listSequences(bigram(CHAIN, 3));
    close(Array.from(await p.logProb(batch)), logProbs, 13);
    const own = listSequences(p);
    expect(own.batch.size).toBe(batch.size);
    expect(own.logProbs.reduce((s, l) => s + Math.exp(l), 0)).toBeCloseTo(1, 12);
  });

  it('draws from what it has become, with its density', async () => {
    const p = await policyOf({ positions });
    const { batch } = listSequences(p);
    for (let i = 0; i < 5; i++)
      await p.update(
        batch,
        Float64Array.from({ length: batch.size }, (_, j) => Math.sin(j)),
      );
    const drawn = await p.sample(20_000, seededChooser(3));
    expect(chiSquareRatio(p, drawn)).toBeLessThan(1);
    close(Array.from(drawn.logProbs.slice(0, 50)), Array.from((await p.logProb(drawn)).slice(0, 50)), 12);
  });

  it('goes along the gradient of Σ c log q', async () => {
    const p = await policyOf({ positions });
    const { batch } = listSequences(p);
    const c = Float64Array.from({ length: batch.size }, (_, i) => Math.cos(i));
    close(await gradientOf(p, () => p.update(batch, c)), await differences(p, () => total(p, batch, c)));
    const at = choiceOffsets(batch);
    const perChoice = new Float64Array(at[batch.size]);
    for (let i = 0; i < batch.size; i++) perChoice.fill(c[i], at[i], at[i + 1]);
    close(await gradientOf(p, () => p.update(batch, perChoice)), await gradientOf(p, () => p.update(batch, c)), 12);
  });

  it('goes along the gradient of a sum over whole rows', async () => {
    const p = await policyOf({ positions });
    const { batch } = listSequences(p);
    const rows = Float64Array.from(await p.rows(batch));
    const c = rows.map((l, i) => (l === -Infinity ? 0 : Math.cos(i)));
    const value = (): number => {
      const now = p.rows(batch) as Float64Array;
      return now.reduce((s, l, i) => (l === -Infinity ? s : s + c[i] * l), 0);
    };
    close(await gradientOf(p, () => p.updateRows(batch, c)), await differences(p, value), 7);
  });

  it('comes back to the last bit', async () => {
    const p = await policyOf({ positions, clip: 0.3 });
    const { batch } = listSequences(p);
    const c = (step: number): Float64Array => Float64Array.from({ length: batch.size }, (_, i) => Math.sin(i * step));
    for (let i = 1; i < 4; i++) await p.update(batch, c(i));
    const before = await p.snapshot();
    const on = async (): Promise<unknown> => {
      for (let i = 4; i < 8; i++) await p.update(batch, c(i), { rate: 1 / i });
      return p.snapshot();
    };
    const first = await on();
    const other = await policyOf({ positions, clip: 0.3 });
    await p.restore(before);
    expect(await on()).toEqual(first);
    await other.restore(before);
    for (let i = 4; i < 8; i++) await other.update(batch, c(i), { rate: 1 / i });
    expect(await other.snapshot()).toEqual(first);
  });

  it('can be frozen, and stored', async () => {
    const p = await policyOf({ positions });
    const { batch } = listSequences(p);
    const [frozen] = await p.frozen();
    const before = await frozen.logProb(batch);
    await p.update(
      batch,
      Float64Array.from({ length: batch.size }, (_, i) => i),
    );
    expect(await frozen.logProb(batch)).toEqual(before);
    close(Array.from(await readStoredTable(await p.stored()).logProb(batch)), Array.from(await p.logProb(batch)), 13);
  });
});

describe('a table of logits', () => {
  it('clips: a step of a larger gradient is that of the gradient scaled down', async () => {
    const p = await policyOf({ clip: 0.5 });
    const { batch } = listSequences(p);
    const c = new Float64Array(batch.size).map((_, i) => i);
    const info = await p.update(batch, c);
    expect(info.clipped).toBe(true);
    const first = (await p.snapshot()).arrays['first'];
    expect(Math.hypot(...first) / 0.1).toBeCloseTo(0.5, 10);
  });

  it('shares its rows among prompts', async () => {
    const base = bigram(CHAIN, 3);
    const other = { ...base, table: { ...base.table!, start: 1 } };
    const p = await base.trainable!(OPTIONS, [base, other]);
    const drawn = await p.laws[1].sample(10, seededChooser(1));
    const laws = new Int32Array(10).fill(1);
    const info = await p.update(drawn, new Float64Array(10).fill(1), { laws });
    close(Array.from(info.logProbs), Array.from(drawn.logProbs), 12);
    expect((await p.snapshot()).arrays['visits'][0]).toBe(0);
  });

  it('refuses a family that shares nothing', async () => {
    const base = bigram(CHAIN, 3);
    const [[row, [[token]]]] = CHAIN;
    const other = bigram([[row, [[token, 1]]], ...CHAIN.slice(1)], 3);
    expect(await failure(() => base.trainable!(OPTIONS, [base, other]))).toMatch(/^P600/);
    expect((await base.trainable!(OPTIONS, [base, bigram(CHAIN, 3)])).laws).toHaveLength(2);
  });
});
