import { choiceOffsets, type SequenceBatch } from '../port/index.ts';
import { type RowWeights, walk } from './table-law.ts';
import type { TableRows } from './table-rows.ts';

/**
 * Σ c log q over choices, as sums of coefficients an entry: the gradient by the logits of a row is what its entries gathered, less
 * the whole row's sum spread by q, because ∂ log q(w | h) / ∂θ(v | h) = 1[v = w] − q(v | h).
 */
export class TableGradient {
  /** Sums of coefficients, then the gradient, one an entry. */
  readonly values: Float64Array;
  /** Contexts that a choice was made in. */
  readonly touched: number[] = [];
  private readonly mark: Uint8Array;
  private readonly rows: TableRows;

  constructor(rows: TableRows) {
    this.rows = rows;
    this.values = new Float64Array(rows.words.length);
    this.mark = new Uint8Array(rows.contexts);
  }

  private touch(h: number): void {
    if (this.mark[h] === 1) return;
    this.mark[h] = 1;
    this.touched.push(h);
  }

  /** Adds `coefficients`, one a sequence or one a choice; returns log q of each sequence, nats. */
  addChoices(
    batch: SequenceBatch,
    coefficients: Float64Array,
    weights: RowWeights,
    starts: (i: number) => number,
  ): Float64Array {
    const logProbs = new Float64Array(batch.size);
    const perChoice = coefficients.length !== batch.size;
    const at = perChoice ? choiceOffsets(batch) : undefined;
    const { values } = this;
    for (let i = 0; i < batch.size; i++) {
      let sum = 0;
      let j = at === undefined ? i : at[i];
      const step = perChoice ? 1 : 0;
      const whole = walk(this.rows, batch, i, starts(i), (k, h) => {
        values[k] += coefficients[j];
        j += step;
        sum += weights.logProbs[k];
        this.touch(h);
      });
      logProbs[i] = whole ? sum : -Infinity;
    }
    return logProbs;
  }

  /** Adds a coefficient for every entry of the row of each choice: choices × (vocabulary + 1). */
  addRows(
    batch: SequenceBatch,
    coefficients: Float32Array | Float64Array,
    weights: RowWeights,
    starts: (i: number) => number,
  ): Float64Array {
    const { rowStart, words, vocabularySize } = this.rows;
    const logProbs = new Float64Array(batch.size);
    let base = 0;
    for (let i = 0; i < batch.size; i++) {
      let sum = 0;
      const whole = walk(this.rows, batch, i, starts(i), (entry, h) => {
        for (let k = rowStart[h]; k < rowStart[h + 1]; k++) this.values[k] += coefficients[base + words[k]];
        base += vocabularySize + 1;
        sum += weights.logProbs[entry];
        this.touch(h);
      });
      logProbs[i] = whole ? sum : -Infinity;
    }
    return logProbs;
  }

  /** Turns the sums into the gradient; returns its Euclidean norm. */
  finish({ probs }: RowWeights): number {
    const { rowStart } = this.rows;
    let square = 0;
    for (const h of this.touched) {
      let row = 0;
      for (let k = rowStart[h]; k < rowStart[h + 1]; k++) row += this.values[k];
      for (let k = rowStart[h]; k < rowStart[h + 1]; k++) {
        const g = (this.values[k] -= row * probs[k]);
        square += g * g;
      }
    }
    return Math.sqrt(square);
  }

  clear(): void {
    const { rowStart } = this.rows;
    for (const h of this.touched) {
      this.values.fill(0, rowStart[h], rowStart[h + 1]);
      this.mark[h] = 0;
    }
    this.touched.length = 0;
  }
}
