import type { Chooser } from '@postulate/models';
import { DenseLaw } from './dense-law.ts';
import type { RemainingLaw } from './remaining-law.ts';
import type { RowSampler } from './row-sampler.ts';

/** Mass left below which the row is written out: draws that miss it would pile up, and so would the rounding of 1 − Σ. */
const LEAST_MASS = 1 / 16;

/**
 * A next-token law of a large table, of which no more is looked at than what is drawn: draws that hit a token taken out
 * are repeated, until so little is left that the row is written out after all.
 */
export class SparseLaw implements RemainingLaw {
  private readonly removed = new Set<number>();
  private removedMass = 0;
  private written: DenseLaw | undefined;
  private context = 0;

  /** Rows of `size` entries, the end of sequence included. */
  constructor(
    private readonly rows: RowSampler,
    private readonly size: number,
  ) {}

  /** Starts over with the row of a context. */
  load(context: number): this {
    this.context = context;
    this.removed.clear();
    this.removedMass = 0;
    this.written = undefined;
    return this;
  }

  get mass(): number {
    return this.written ? this.written.mass : 1 - this.removedMass;
  }

  probability(token: number): number {
    return this.rows.probability(this.context, token);
  }

  draw(chooser: Chooser): number {
    const { uniform } = chooser;
    if (this.written || uniform === undefined) return (this.written ??= this.writeOut()).draw(chooser);
    return this.rows.draw(this.context, uniform, (token) => !this.removed.has(token));
  }

  remove(token: number): void {
    if (this.removed.has(token)) return;
    this.removed.add(token);
    this.removedMass += this.probability(token);
    if (this.written) this.written.remove(token);
    else if (1 - this.removedMass < LEAST_MASS) this.written = this.writeOut();
  }

  private writeOut(): DenseLaw {
    const law = new DenseLaw(this.size).load(this.rows.logRow(this.context));
    this.removed.forEach((token) => law.remove(token));
    return law;
  }
}
