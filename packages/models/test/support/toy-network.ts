import type { CausalModel, GrowingRows, Law, Rows } from '../../src/neural/index.ts';
import type { SequenceBatch, Vocabulary } from '../../src/index.ts';

/** A vocabulary of one-letter tokens, joined by nothing. */
export function letters(size: number): Vocabulary {
  const tokens = Array.from({ length: size }, (_, i) => String.fromCharCode(97 + i));
  return { size, tokens, separator: '' };
}

export interface Toy extends CausalModel {
  /** Rows that the network was asked to step, in order: what dropping ended rows saves. */
  readonly stepped: number[];
  /** Rows that were opened or forked and not given back. */
  open_: number;
}

/** A number in [0, 1) from a token history and a column (a few rounds of a 32-bit mix). */
function hashed(history: readonly number[], column: number, seed: number): number {
  let h = seed ^ 0x9e3779b9;
  for (const value of [...history, 1000 + column]) {
    h = Math.imul(h ^ value, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    h ^= h >>> 16;
  }
  return (h >>> 0) / 2 ** 32;
}

/** Natural-log law of a "network" whose logits are fixed pseudo-random numbers of the whole history. */
export function toyLaw(history: readonly number[], size: number, seed: number): Float64Array {
  const logits = Float64Array.from({ length: size + 1 }, (_, w) => 3 * hashed(history, w, seed) - (w === size ? 1 : 0));
  const norm = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
  return logits.map((x) => x - norm);
}

/** A causal model that remembers everything; `float32` rounds its rows as real networks do. */
export function toyNetwork(size: number, seed: number, { float32 = false, score = true } = {}): Toy {
  const stepped: number[] = [];
  const laws = (histories: readonly (readonly number[])[], law: Law): Rows => {
    const out = float32
      ? new Float32Array(histories.length * (size + 1))
      : new Float64Array(histories.length * (size + 1));
    histories.forEach((h, i) => {
      const row = toyLaw(h, size, seed);
      out.set(law === 'logProbs' ? row : row.map(Math.exp), i * (size + 1));
    });
    return out;
  };
  const growing = (start: readonly (readonly number[])[], law: Law): GrowingRows => {
    toy.open_++;
    let histories = start;
    const at = (ancestors: Int32Array) => Array.from(ancestors, (a) => histories[a]);
    return {
      step(tokens) {
        if (tokens.length !== histories.length) throw new RangeError('one token a row');
        stepped.push(tokens.length);
        histories = histories.map((h, i) => [...h, tokens[i]]);
        return Promise.resolve(laws(histories, law));
      },
      reorder(ancestors) {
        histories = at(ancestors);
        return Promise.resolve();
      },
      fork: (ancestors) => Promise.resolve(growing(at(ancestors), law)),
      dispose: () => void toy.open_--,
    };
  };
  const scoreOf = (prefix: Int32Array, batch: SequenceBatch, i: number): number => {
    const history = [...prefix];
    let sum = 0;
    const words = [...batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1])];
    if (batch.finished[i] === 1) words.push(size);
    for (const word of words) {
      sum += toyLaw(history, size, seed)[word];
      history.push(word);
    }
    return sum;
  };
  const toy: Toy = {
    id: `toy-${size}-${seed}`,
    size,
    positions: Infinity,
    abilities: { score, next: 'all', fork: true, semantics: 'raw', maxTemperature: Infinity, seeds: 'exact' },
    stepped,
    open_: 0,
    open: (prefix, law) => Promise.resolve({ rows: growing([[...prefix]], law), first: laws([[...prefix]], law) }),
    ...(score
      ? {
          score: (prefix: Int32Array, batch: SequenceBatch) =>
            Promise.resolve(Float64Array.from({ length: batch.size }, (_, i) => scoreOf(prefix, batch, i))),
        }
      : {}),
  };
  return toy;
}
