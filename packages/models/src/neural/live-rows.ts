import type { GrowingRows, Law, Rows } from './causal-model.ts';
import type { Core } from './neural-model.ts';

/** Rows are left out of a batch once fewer than this part of them goes on: leaving some out costs about as much as a step saves. */
export const WORTH = 0.75;

/**
 * Sequences that start from given rows and end one by one. Sequence `i`'s law stands at `at(i)` of `law`; rows of those that have ended
 * are dropped when it pays.
 */
export class LiveRows {
  #rows: GrowingRows | undefined;
  #law: Rows;
  /** Row of each sequence; several may share one at first. */
  readonly #row: Int32Array;
  #count = 0;

  /** `row` says where each sequence starts: `rows` have given the law `first`, of `width` columns, and stay as they are. */
  constructor(
    private readonly root: { readonly rows: GrowingRows; readonly first: Rows },
    row: Int32Array,
    private readonly width: number,
  ) {
    this.#row = row.slice();
    this.#law = root.first;
  }

  /** `size` sequences that start after the prefix of a prior. */
  static async open(core: Core, size: number, law: Law): Promise<LiveRows> {
    return new LiveRows(await core.root(law), new Int32Array(size), core.size + 1);
  }

  get law(): Rows {
    return this.#law;
  }

  at(sequence: number): number {
    return this.#row[sequence] * this.width;
  }

  /** Sequences `going` (ascending) read their token of `tokens`, which has one for each sequence; all others have ended. */
  async step(going: Int32Array, tokens: Int32Array): Promise<void> {
    if (this.#rows === undefined) {
      this.#rows = await this.root.rows.fork(Int32Array.from(going, (i) => this.#row[i]));
      this.#number(going);
    } else if (going.length <= WORTH * this.#count) {
      await this.#rows.reorder(Int32Array.from(going, (i) => this.#row[i]));
      this.#number(going);
    }
    // Rows whose sequence has ended read any token.
    const read = new Int32Array(this.#count).fill(tokens[going[0]]);
    for (const i of going) read[this.#row[i]] = tokens[i];
    this.#law = await this.#rows.step(read);
  }

  #number(going: Int32Array): void {
    going.forEach((i, row) => (this.#row[i] = row));
    this.#count = going.length;
  }

  dispose(): void {
    this.#rows?.dispose();
  }
}
