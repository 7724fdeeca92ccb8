import { describe, expect, it } from 'vitest';
import {
  bigram,
  choiceOffsets,
  type LanguageModel,
  type SequenceBatch,
  type TrainablePolicy,
} from '../../src/index.ts';
import { guidedModel } from '../../src/policies/guided-model.ts';
import { Guide } from '../../src/policies/guide.ts';
import { CHAIN, chiSquareRatio } from '../priors/support.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { byFormula, close, every, guidedTable, KINDS, OPTIONS, ramp, TOKENS, V, VALUES } from './guided-support.ts';

/** log π by the rows that a batch is decoded by. */
async function byDecoding(law: LanguageModel, batch: SequenceBatch): Promise<Float64Array> {
  const out = new Float64Array(batch.size);
  const session = law.open(batch.size);
  const width = V + 1;
  for (let t = 0; t < TOKENS; t++) {
    const rows = session.logProbs;
    const tokens = Int32Array.from(out, (_, i) => {
      const k = batch.offsets[i] + t;
      const token = k < batch.offsets[i + 1] ? batch.tokens[k] : V;
      if (k < batch.offsets[i + 1] || (k === batch.offsets[i + 1] && batch.finished[i] === 1))
        out[i] += rows[i * width + token];
      return token;
    });
    if (t + 1 < TOKENS) await session.advance(tokens);
  }
  return out;
}

describe.each(KINDS)('a policy guided by %s', (_, guide) => {
  const policyOf = (options: object = {}): Promise<TrainablePolicy> => guidedTable(guide, options);

  it('is its base with the guide added to the logits, however it is asked', async () => {
    const p = await policyOf();
    const wanted = byFormula(bigram(CHAIN, TOKENS), every, guide);
    expect(wanted.some((l) => l === -Infinity)).toBe(true);
    expect(wanted.reduce((s, l) => s + Math.exp(l), 0)).toBeCloseTo(1, 12);
    close(await p.logProb(every), wanted, 10);
    close(await byDecoding(p, every), wanted, 10);
    const rows = await p.rows(every);
    const at = choiceOffsets(every);
    const sums = wanted.map((_, i) => {
      let sum = 0;
      for (let j = at[i]; j < at[i + 1]; j++) {
        const k = every.offsets[i] + j - at[i];
        sum += rows[j * (V + 1) + (k < every.offsets[i + 1] ? every.tokens[k] : V)];
      }
      return sum;
    });
    close(sums, wanted, 10);
    // A base that has its rows in one pass.
    const plain = await bigram(CHAIN, TOKENS).trainable!({ ...OPTIONS, guides: undefined });
    const base = { ...bigram(CHAIN, TOKENS), rows: (batch: SequenceBatch) => plain.rows(batch) };
    const inOnePass = guidedModel(base, new Guide(guide), 'in one pass');
    close(await inOnePass.rows!(every), rows, 10);
    close(await inOnePass.logProb(every), wanted, 10);
  });

  it('draws from itself, with its density, and never what the automaton rules out', async () => {
    const p = await policyOf();
    for (let i = 0; i < 3; i++) await p.update(every, ramp);
    // One stream for all texts: those that these tests split are not told apart.
    const stream = seededChooser(3);
    const drawn = await p.sample(20_000, { ...stream, split: () => stream });
    const logs = await p.logProb(every);
    const law = { ...p, logProb: () => logs } as unknown as LanguageModel;
    expect(chiSquareRatio(law, drawn)).toBeLessThan(1);
    close(drawn.logProbs.slice(0, 50), (await p.logProb(drawn)).slice(0, 50), 8);
  });

  it('refuses what its base cannot write', async () => {
    const p = await policyOf();
    const short = { size: 1, tokens: Int32Array.of(0), offsets: Int32Array.of(0, 1), finished: Uint8Array.of(0) };
    expect(await p.logProb(short)).toEqual(Float64Array.of(-Infinity));
  });

  it('moves base and guide along the gradient of Σ c log π, by texts, choices and rows', async () => {
    const possible = Int32Array.from(every.finished.keys()).filter(
      (i) => byFormula(bigram(CHAIN, TOKENS), every, guide)[i] > -Infinity,
    );
    const p = await policyOf();
    const start = await p.snapshot();
    const c = ramp.map((x, i) => (possible.includes(i) ? x : 0));
    const value = async (): Promise<number> =>
      (await p.logProb(every)).reduce((s, l, i) => (c[i] === 0 ? s : s + c[i] * l), 0);
    const differences = async (name: string, step: number): Promise<number[]> => {
      const found: number[] = [];
      for (let k = 0; k < start.arrays[name].length; k++) {
        const sides: number[] = [];
        for (const by of [step, -step]) {
          const array = start.arrays[name].slice();
          array[k] += by;
          await p.restore({ ...start, arrays: { ...start.arrays, [name]: array } });
          sides.push(await value());
        }
        found.push((sides[0] - sides[1]) / (2 * step));
      }
      await p.restore(start);
      return found;
    };
    const logits = await differences('logits', 1e-5);
    const values = (await differences('guide:value:0', 2 ** -8)).map((x) => (Number.isNaN(x) ? 0 : x));
    expect(Math.hypot(...values)).toBeGreaterThan(0.1);
    const at = choiceOffsets(every);
    const byChoice = new Float64Array(at[every.size]);
    for (let i = 0; i < every.size; i++) byChoice.fill(c[i], at[i], at[i + 1]);
    const byRow = new Float64Array(at[every.size] * (V + 1));
    for (let i = 0; i < every.size; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        const k = every.offsets[i] + j - at[i];
        byRow[j * (V + 1) + (k < every.offsets[i + 1] ? every.tokens[k] : V)] = c[i];
      }
    }
    const updates = [
      () => p.update(every, c),
      () => p.update(every, byChoice),
      () => p.updateRows(every, byRow),
    ] as const;
    for (const update of updates) {
      await p.restore(start);
      const info = await update();
      const after = await p.snapshot();
      // Adam's first moment after its first step is a tenth of the gradient; that of the guide goes downwards.
      close(
        after.arrays['first'].map((m) => m / 0.1),
        logits,
        7,
      );
      close(
        after.arrays['guide:first:0'].map((m) => -m / 0.1),
        values,
        3,
      );
      expect(info.gradientNorm).toBeCloseTo(Math.hypot(...logits, ...values), 3);
      close(info.logProbs, byFormula(bigram(CHAIN, TOKENS), every, guide), 8);
    }
  });

  it('leaves a guide as it is where its rate is 0', async () => {
    const p = await policyOf({ guideRate: 0 });
    await p.update(every, ramp);
    expect((await p.snapshot()).arrays['guide:value:0']).toEqual(Float32Array.from(VALUES));
    expect(p.parameters).toBe((await bigram(CHAIN, TOKENS).trainable!({ ...OPTIONS, guides: [] })).parameters);
  });
});
