import { expect } from 'vitest';
import {
  bigram,
  type LanguageModel,
  type PolicyGuide,
  type SequenceBatch,
  type TokenMachine,
  type TrainablePolicy,
} from '../../src/index.ts';
import { CHAIN, listSequences } from '../priors/support.ts';

export const TOKENS = 3;
export const V = bigram(CHAIN, TOKENS).vocabulary.size;

/** Counts tokens 0 up to two, is worth 0.7 for each, and rules out a third. */
export const MACHINE: TokenMachine = {
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
export const VALUES = Float64Array.from({ length: (TOKENS + 1) * 4 }, (_, k) =>
  k % 4 === 3 ? -Infinity : Math.round(64 * Math.sin(2 * k)) / 64,
);
export const BY_STATES: PolicyGuide = { machine: MACHINE, values: VALUES };
/** Reads the end and a token, and says nothing of state 1 after two tokens. */
export const BY_ROWS: PolicyGuide = {
  ...BY_STATES,
  reading: {
    tokens: Int32Array.of(V, 0),
    weights: Float64Array.of(0.5, -0.25, 0.125, 0.75, -0.5, 0.25, 0.375, 0.5),
    open: Uint8Array.from(VALUES, (_, k) => (k === 2 * 4 + 1 ? 0 : 1)),
  },
};
export const OPTIONS = { learningRate: 0, clip: 1e9, positions: false, guideRate: 0.1 };

/** log π of every text by the formula: b(v) exp(output + g(t + 1, δ) + w(δ) · log b), exp(finalEnd) for the end, normalised token by token. */
export function byFormula(base: LanguageModel, batch: SequenceBatch, { values, reading }: PolicyGuide): Float64Array {
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

export function close(found: ArrayLike<number>, wanted: ArrayLike<number>, digits: number): void {
  expect(found.length).toBe(wanted.length);
  Array.from(found).forEach((x, i) => {
    if (wanted[i] === -Infinity) expect(x, `entry ${i}`).toBe(-Infinity);
    else expect(x, `entry ${i}`).toBeCloseTo(wanted[i], digits);
  });
}

export const every = listSequences(bigram(CHAIN, TOKENS)).batch;
export const ramp = Float64Array.from({ length: every.size }, (_, i) => Math.cos(3 * i));

/** A table's policy guided like this. */
export const guidedTable = async (guide: PolicyGuide, options: object = {}): Promise<TrainablePolicy> =>
  bigram(CHAIN, TOKENS).trainable!({ ...OPTIONS, guides: [guide], ...options });

export const KINDS: readonly (readonly [string, PolicyGuide])[] = [
  ['states', BY_STATES],
  ['rows', BY_ROWS],
];
