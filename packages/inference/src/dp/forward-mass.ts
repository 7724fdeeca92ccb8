import type { TokenMachine } from '@postulate/models';
import type { Product } from '../machine/index.ts';

/**
 * The posterior's mass over a product of the weight machine (first) with further machines, gathered in one pass:
 * the backward recursion in reverse mode, which is linear, so that every marginal comes at once.
 */
export interface ForwardMass {
  readonly product: Product;
  /** Per product state: probability that the text ends there by an end-of-sequence token. */
  readonly ended: Float64Array;
  /** Per product state: probability that the text is stopped there. */
  readonly stopped: Float64Array;
  /** states × classes: expected number of times a token of the class is read in the state. */
  readonly read: Float64Array;
  /** E[log prior], nats; NaN unless asked for. */
  readonly logPrior: number;
  /** Everything that ended or stopped; one up to rounding. */
  readonly total: number;
}

/** Expected value of one machine of the product under the posterior. */
export function expectation(mass: ForwardMass, index: number): number {
  const { product, ended, stopped, read, total } = mass;
  const m: TokenMachine = product.machines[index];
  const width = product.machines.length;
  let sum = 0;
  // Mass of a state that the prior cannot reach may come out as rounding noise; against -inf it must count as none.
  const add = (probability: number, value: number): void => {
    if (value !== 0 && !(value === -Infinity && probability <= 1e-13 * total)) sum += probability * value;
  };
  for (let p = 0; p < product.states; p++) {
    const s = product.parts[p * width + index];
    add(ended[p], m.finalEnd[s]);
    add(stopped[p], m.finalStop[s]);
    if (m.output === undefined) continue;
    for (let c = 0; c < product.classes; c++) {
      add(read[p * product.classes + c], m.output[s * m.classes + product.own[index][c]]);
    }
  }
  return sum;
}
