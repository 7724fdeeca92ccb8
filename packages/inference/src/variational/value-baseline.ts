import type { SequenceBatch } from '@postulate/models';
import { choiceOffsets } from './choices.ts';

/** Share of what a cell knew that a new return leaves it. */
const KEPT = 0.98;

/**
 * What is still to be earned after a prefix, by its length and last token: running means of returns, a cell falling back on its
 * position until it has been visited. It is asked before it is told of a batch, so that it knows nothing of the texts it is taken from.
 */
export class TokenValues {
  private readonly cells = new Map<number, { mean: number; count: number }>();
  private readonly width: number;

  constructor(vocabularySize: number) {
    this.width = vocabularySize + 2;
  }

  private cell(key: number): { mean: number; count: number } {
    let cell = this.cells.get(key);
    if (cell === undefined) this.cells.set(key, (cell = { mean: 0, count: 0 }));
    return cell;
  }

  /** Cells of each choice: by position and last token, and by position alone. */
  private keys(batch: SequenceBatch, i: number, t: number): readonly [number, number] {
    const last = t === 0 ? this.width - 2 : batch.tokens[batch.offsets[i] + t - 1];
    return [t * this.width + last, t * this.width + this.width - 1];
  }

  /** One value a choice. */
  values(batch: SequenceBatch): Float64Array {
    const at = choiceOffsets(batch);
    const out = new Float64Array(at[batch.size]);
    for (let i = 0; i < batch.size; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        const [own, position] = this.keys(batch, i, j - at[i]).map((k) => this.cells.get(k));
        out[j] = own?.mean ?? position?.mean ?? 0;
      }
    }
    return out;
  }

  /** Takes in the return of each choice. */
  learn(batch: SequenceBatch, returns: Float64Array): void {
    const at = choiceOffsets(batch);
    for (let i = 0; i < batch.size; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        for (const key of this.keys(batch, i, j - at[i])) {
          const cell = this.cell(key);
          cell.count = KEPT * cell.count + 1;
          cell.mean += (returns[j] - cell.mean) / cell.count;
        }
      }
    }
  }

  save(): Readonly<Record<'valueKeys' | 'valueMeans' | 'valueCounts', Float64Array>> {
    const all = [...this.cells];
    return {
      valueKeys: Float64Array.from(all, ([k]) => k),
      valueMeans: Float64Array.from(all, ([, c]) => c.mean),
      valueCounts: Float64Array.from(all, ([, c]) => c.count),
    };
  }

  load(arrays: Readonly<Record<string, ArrayLike<number>>>): void {
    this.cells.clear();
    const { valueKeys, valueMeans, valueCounts } = arrays;
    for (let i = 0; i < valueKeys.length; i++) {
      this.cells.set(valueKeys[i], { mean: valueMeans[i], count: valueCounts[i] });
    }
  }
}
