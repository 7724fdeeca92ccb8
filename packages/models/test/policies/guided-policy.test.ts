import { describe, expect, it } from 'vitest';
import {
  bigram,
  choiceOffsets,
  type LanguageModel,
  type PolicyGuide,
  type SequenceBatch,
  type Snapshot,
  type TokenMachine,
  type TrainablePolicy,
} from '../../src/index.ts';
import { guidedModel } from '../../src/policies/guided-model.ts';
import { Guide } from '../../src/policies/guide.ts';
import { RowReader } from '../../src/policies/row-reader.ts';
import { readGuided, baseOfGuided } from '../../src/policies/stored-guided.ts';
import { readStoredTable } from '../../src/policies/read-stored-table.ts';
import { packModel, unpackModel } from '../../src/policies/model-file.ts';
import { CHAIN, chiSquareRatio, failure, listSequences } from '../priors/support.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';

const TOKENS = 3;
const V = bigram(CHAIN, TOKENS).vocabulary.size;

/** Counts tokens 0 up to two, is worth 0.7 for each, and rules out a third. */
const MACHINE: TokenMachine = {
  vocabularySize: V,
  states: 4,
  start: 0,
  classes: 2,
  classOf: Int32Array.from({ length: V }, (_, v) => (v === 0 ? 0 : 1)),
  next: Int32Array.of(1, 0, 2, 1, 3, 2, 3, 3),
  output: Float64Array.of(0.7, 0, 0.7, 0, 0, 0, 0, 0),
  finalEnd: Float64Array.of(0, 0.25, -0.5, -Infinity),
  finalStop: Float64Array.of(0, 0, 0, -Infinity),
};

/** Binary fractions, so that they are the same numbers in single precision. */
const VALUES = Float64Array.from({ length: (TOKENS + 1) * 4 }, (_, k) =>
  k % 4 === 3 ? -Infinity : Math.round(64 * Math.sin(2 * k)) / 64,
);
const BY_STATES: PolicyGuide = { machine: MACHINE, values: VALUES };
/** Reads the end and a token, and says nothing of state 1 after two tokens. */
const BY_ROWS: PolicyGuide = {
  ...BY_STATES,
  reading: {
    tokens: Int32Array.of(V, 0),
    weights: Float64Array.of(0.5, -0.25, 0.125, 0.75, -0.5, 0.25, 0.375, 0.5),
    open: Uint8Array.from(VALUES, (_, k) => (k === 2 * 4 + 1 ? 0 : 1)),
  },
};
const OPTIONS = { learningRate: 0, clip: 1e9, positions: false, guideRate: 0.1 };

/** log π of every text by the formula: b(v) exp(output + g(t + 1, δ) + w(δ) · log b), exp(finalEnd) for the end, normalised token by token. */
function byFormula(base: LanguageModel, batch: SequenceBatch, { values, reading }: PolicyGuide): Float64Array {
  return Float64Array.from({ length: batch.size }, (_, i) => {
    const session = base.open(1);
    let [state, sum] = [MACHINE.start, 0];
    const tokens = [...batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1])];
    [...tokens, ...(batch.finished[i] === 1 ? [V] : [])].forEach((token, t) => {
      const arc = (v: number): number => state * 2 + MACHINE.classOf[v];
      const logs = [...session.logProbs];
      const valueAfter = (v: number): number => {
        const to = MACHINE.next[arc(v)];
        const value = values[(t + 1) * 4 + to];
        if (reading === undefined || reading.open[(t + 1) * 4 + to] === 0) return value;
        return [...reading.tokens].reduce((sum, w, k) => sum + reading.weights[2 * to + k] * logs[w], value);
      };
      const weights = logs.map((l, v) =>
        Math.exp(l + (v === V ? MACHINE.finalEnd[state] : MACHINE.output![arc(v)] + valueAfter(v))),
      );
      sum += Math.log(weights[token] / weights.reduce((a, b) => a + b, 0));
      if (token === V) return;
      state = MACHINE.next[arc(token)];
      void session.advance(Int32Array.of(token));
    });
    return sum;
  });
}

function close(found: ArrayLike<number>, wanted: ArrayLike<number>, digits: number): void {
  expect(found.length).toBe(wanted.length);
  Array.from(found).forEach((x, i) => {
    if (wanted[i] === -Infinity) expect(x, `entry ${i}`).toBe(-Infinity);
    else expect(x, `entry ${i}`).toBeCloseTo(wanted[i], digits);
  });
}

const every = listSequences(bigram(CHAIN, TOKENS)).batch;
const ramp = Float64Array.from({ length: every.size }, (_, i) => Math.cos(3 * i));

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

describe.each([
  ['states', BY_STATES],
  ['rows', BY_ROWS],
])('a policy guided by %s', (_, guide) => {
  const policyOf = async (options: object = {}): Promise<TrainablePolicy> =>
    bigram(CHAIN, TOKENS).trainable!({ ...OPTIONS, guides: [guide], ...options });

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

  it('comes back to the last bit', async () => {
    const p = await policyOf();
    for (let i = 1; i < 4; i++) await p.update(every, ramp, { rate: 1 / i });
    const before = await p.snapshot();
    const on = async (q: TrainablePolicy): Promise<unknown> => {
      for (let i = 4; i < 8; i++) await q.update(every, ramp, { rate: 1 / i });
      return q.snapshot();
    };
    const first = await on(p);
    const other = await policyOf();
    await other.restore(before);
    expect(await on(other)).toEqual(first);
  });

  it('refuses the checkpoint of another guide, and is left as it was', async () => {
    const p = await policyOf();
    const before = await p.snapshot();
    const plain = await (await bigram(CHAIN, TOKENS).trainable!({ ...OPTIONS, guides: undefined })).snapshot();
    const moved = {
      ...plain,
      arrays: { ...plain.arrays, logits: plain.arrays['logits'].map((l, k) => l + Math.sin(k)) },
    };
    expect(await failure(() => p.restore(moved as Snapshot))).toMatch(/^P903: .*another guide/);
    const other = await policyOf({ guides: [guide === BY_ROWS ? BY_STATES : BY_ROWS] });
    expect(await failure(async () => p.restore(await other.snapshot()))).toMatch(/^P903: .*another guide/);
    expect(await p.snapshot()).toEqual(before);
  });

  it('has another name where its automaton is another', async () => {
    const p = await policyOf();
    const stored = await p.stored();
    const base = readStoredTable(baseOfGuided(stored));
    const name = 'guide 0:finalEnd';
    const other = {
      ...stored,
      arrays: { ...stored.arrays, [name]: stored.arrays[name].map((x) => x - 1) as Float64Array },
    };
    expect(readGuided(other, base).id).not.toBe(readGuided(stored, base).id);
    expect(readGuided(await p.stored(), base).id).toBe(readGuided(stored, base).id);
  });

  it('reads each law of a family back by its number', async () => {
    const base = bigram(CHAIN, TOKENS);
    const second = { ...base, table: { ...base.table!, start: 1 } };
    const values = VALUES.map((x) => x / 2);
    const p = await base.trainable!({ ...OPTIONS, guides: [guide, { ...guide, values }] }, [base, second]);
    const stored = await p.stored();
    for (const of of [0, 1]) {
      const read = readGuided(stored, readStoredTable(baseOfGuided(stored), of), of);
      close(await read.logProb(every), await p.laws[of].logProb(every), 12);
    }
  });

  it('can be frozen, and read back from a file as it is', async () => {
    const p = await policyOf();
    await p.update(every, ramp);
    const [frozen] = await p.frozen();
    const before = await p.logProb(every);
    const stored = unpackModel(Buffer.from(packModel(await p.stored())))!;
    await p.update(every, ramp);
    close(await frozen.logProb(every), before, 12);
    expect(await p.logProb(every)).not.toEqual(before);
    const read = readGuided(stored, readStoredTable(baseOfGuided(stored)));
    close(await read.logProb(every), before, 12);
    expect(read.capabilities.has('finiteState')).toBe(false);
  });
});

describe('a guide', () => {
  it('keeps its digits where nearly all of a row is ruled out', () => {
    // Class 0 of two tokens goes on, class 1 of one token never does.
    const machine: TokenMachine = {
      ...{ vocabularySize: 3, states: 2, start: 0, classes: 2, output: undefined },
      classOf: Int32Array.of(0, 0, 1),
      next: Int32Array.of(0, 1, 1, 1),
      finalEnd: Float64Array.of(0, -Infinity),
      finalStop: Float64Array.of(0, -Infinity),
    };
    const narrow = new Guide({ machine, values: Float64Array.of(0, -Infinity, 0, -Infinity) });
    const row = Float64Array.of(3e-17, 1e-17, 1, 0).map(Math.log);
    narrow.tilt(row, 0, 0, 0);
    close(row, [Math.log(0.75), Math.log(0.25), -Infinity, -Infinity], 12);
  });

  it('takes what the base rules out for all but impossible, where it reads that, and moves nothing by it', () => {
    const reader = new RowReader(
      { tokens: Int32Array.of(0, 2), weights: Float64Array.of(1, 2, 3, 4), open: Uint8Array.of(1, 1) },
      2,
    );
    const row = Float64Array.of(9, -Infinity, -1, -40);
    reader.read(row, 1);
    expect([reader.worth(0, 0), reader.worth(1, 1)]).toEqual([-30 - 2 * 30, -3 * 30 - 4 * 30]);
    const logs = new Float64Array(3);
    reader.copyLogs(row, 0, logs, 1);
    expect([...logs]).toEqual([0, 9, -1]);
    const gradient = new Float64Array(4);
    reader.addGradient(gradient, 0, { logs: Float64Array.of(-30, -2), at: 0 }, { index: 1, state: 1 }, 0.5);
    expect([...gradient]).toEqual([0, 0, 2, 0]);
  });
});
