import type { Product } from '../machine/index.ts';
import type { Backward } from './backward.ts';
import { cellsOf, type Cells } from './cells.ts';
import type { Domain } from './domains.ts';
import { entropyTerms, type EntropyTerms } from './entropy-terms.ts';
import type { StepWeights } from './step-weights.ts';

/** What every step of one forward pass needs, its working space, and the sums that it gathers. */
export interface Pass {
  readonly b: Backward;
  readonly product: Product;
  readonly cells: Cells;
  /** Only for the entropy. */
  readonly terms: EntropyTerms | undefined;
  readonly ones: Float64Array;
  /** Per context: how often its row is used, back-off included; 0 between steps. */
  readonly usage: Float64Array;
  /** Per cell: how much is moved into it, before its factor; 0 between steps. */
  readonly moved: Float64Array;
  /** Per cell: what it weighs; only for the entropy. */
  readonly weights: Float64Array;
  readonly ended: Float64Array;
  readonly read: Float64Array;
  logPrior: number;
}

/** The mass of one product state at one position. */
export interface Standing {
  readonly domain: Domain;
  /** Indexed as the domain's arrays are. */
  readonly mass: Float64Array;
  /** Values of the state at the position. */
  readonly values: Float64Array;
}

/** Where each class of words takes the mass of one product state; sinks are indexed as sources are. */
export interface Moves extends StepWeights {
  readonly sinks: readonly Float64Array[];
  /** The product state, and its part of the pass's `read`. */
  readonly state: number;
  readonly read: Float64Array;
}

/** A pass that starts; `product.machines[0]` must be the machine of `b`. */
export function passOf(b: Backward, product: Product, withEntropy: boolean): Pass {
  const { prepared } = b;
  const cells = cellsOf(prepared, product.classOf, product.classes);
  return {
    b,
    product,
    cells,
    terms: withEntropy ? entropyTerms(prepared) : undefined,
    ones: new Float64Array(prepared.contexts).fill(1),
    usage: new Float64Array(prepared.contexts),
    moved: new Float64Array(cells.count),
    weights: new Float64Array(withEntropy ? cells.count : 0),
    ended: new Float64Array(product.states),
    read: new Float64Array(product.states * product.classes),
    logPrior: 0,
  };
}
