import type { Chooser } from '@postulate/models';
import { machineValue } from '../machine/index.ts';
import { logSumExp } from '../numeric/index.ts';
import { samplerOf } from './draw.ts';
import type { SolvedTerm } from './solve-terms.ts';
import { tableLogProb } from './table-density.ts';

/** The law ∝ Σₖ exp(logWeightₖ) · tableₖ(x) · exp(machineₖ(x)), with its total. */
export interface SumLaw {
  /** log of the total weight, nats; above −∞. */
  readonly logZ: number;
  draw(chooser: Chooser): { readonly tokens: Int32Array; readonly finished: boolean };
  /** log of what a sequence weighs, before division by the total. */
  logWeight(tokens: ArrayLike<number>, finished: boolean): number;
}

/** Draws a summand by its share and then a sequence from it, independent and exact. Some summand has mass. */
export function sumLaw(solved: readonly SolvedTerm[]): SumLaw {
  const alive = solved.filter((t) => t.logZ > -Infinity);
  const logZ = logSumExp(alive.map((t) => t.logZ));
  const samplers = alive.map((t) => samplerOf(t.b));
  const shares = Float64Array.from(alive, (t) => t.logZ - logZ);
  const densities = alive.map((t) => tableLogProb(t.b.prepared));
  return {
    logZ,
    draw: (chooser) => samplers[chooser.choose(shares)].draw(chooser),
    logWeight: (tokens, finished) =>
      logSumExp(
        alive.map(
          ({ term }, k) =>
            term.logWeight + densities[k](tokens, finished) + machineValue(term.machine, tokens, finished),
        ),
      ),
  };
}
