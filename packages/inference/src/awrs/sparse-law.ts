import type { Chooser } from '@postulate/models';
import type { TokenRows } from '../rows/index.ts';
import { DenseLaw } from './dense-law.ts';
import type { RemainingLaw } from './remaining-law.ts';

/** Mass left below which the row is written out: draws that miss it would pile up, and so would the rounding of 1 − Σ. */
const LEAST_MASS = 1 / 16;
/** Misses in a row after which it is written out too; with a share of 1/16 left, one in 10²⁸ draws has as many. */
const MOST_MISSES = 1000;

/**
 * A next-token law of a large table, of which no more is looked at than what is drawn: draws that hit a token taken out
 * are repeated, until so little is left that the row is written out after all.
 */
export class SparseLaw implements RemainingLaw {
  private readonly removed = new Set<number>();
  private removedMass = 0;
  private written: DenseLaw | undefined;
  private row = 0;

  /** Rows of `size` entries, the end of sequence included. */
  constructor(
    private readonly rows: TokenRows,
    private readonly size: number,
  ) {}

  /** Starts over with a row as it is now. */
  load(row: number): this {
    this.row = row;
    this.removed.clear();
    this.removedMass = 0;
    this.written = undefined;
    return this;
  }

  get mass(): number {
    return this.written ? this.written.mass : 1 - this.removedMass;
  }

  probability(token: number): number {
    return Math.exp(this.rows.logProb(this.row, token));
  }

  draw(chooser: Chooser): number {
    if (chooser.uniform !== undefined) {
      for (let misses = 0; this.written === undefined && misses < MOST_MISSES; misses++) {
        const token = this.rows.draw(this.row, chooser);
        if (!this.removed.has(token)) return token;
      }
    }
    return (this.written ??= this.writeOut()).draw(chooser);
  }

  remove(token: number): void {
    if (this.removed.has(token)) return;
    this.removed.add(token);
    this.removedMass += this.probability(token);
    if (this.written) this.written.remove(token);
    else if (1 - this.removedMass < LEAST_MASS) this.written = this.writeOut();
  }

  private writeOut(): DenseLaw {
    const logs = new Float64Array(this.size);
    this.rows.fill(this.row, logs);
    const law = new DenseLaw(this.size).load(logs);
    this.removed.forEach((token) => law.remove(token));
    return law;
  }
}
