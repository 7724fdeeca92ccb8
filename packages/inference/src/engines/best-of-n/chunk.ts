import { andThen, subBatch, weigh, type Maybe, type WeighedBatch } from '../../bind/index.ts';
import type { Chooser } from '@postulate/models';
import { namedValues } from '../../diagnostics/index.ts';
import type { BestOfOptions, BestOfState } from './state.ts';

/** What a chunk of groups gives: the columns of all candidates, group after group, and the best of each group. */
export interface BestOfChunk {
  readonly logFactors: Float64Array;
  readonly logPriors: Float64Array;
  /** Index of the first factor whose weight is zero, −1 where none is. */
  readonly killer: Int32Array;
  readonly tokens: number;
  /** In the order of the groups; a group of dead candidates returns none. */
  readonly best: readonly { readonly row: number; readonly tokens: Int32Array; readonly finished: boolean }[];
  /** Values of each named function at the texts returned. */
  readonly named: readonly Float64Array[];
}

const groupsOf = ({ n, batch }: BestOfOptions): number => Math.max(1, Math.floor(batch / n));

/** Groups of chunk `index`, the last one cut by the budget; 0 beyond it. */
export function chunkGroups({ options, most }: BestOfState, index: number): number {
  return Math.max(0, Math.min(groupsOf(options), most - index * groupsOf(options)));
}

/** Most chunks that a run can take. */
export const chunkCount = ({ options, most }: BestOfState): number => Math.ceil(most / groupsOf(options));

/** The candidate of the largest weight in rows [from, from + n), ties broken uniformly; undefined where all are dead. */
export function bestRow(logFactor: Float64Array, from: number, n: number, chooser: Chooser): number | undefined {
  let top = -Infinity;
  const ties: number[] = [];
  for (let i = from; i < from + n; i++) {
    if (logFactor[i] > top) {
      top = logFactor[i];
      ties.length = 0;
    }
    if (logFactor[i] === top && top > -Infinity) ties.push(i);
  }
  // What is certain takes no randomness.
  return ties.length < 2 ? ties[0] : ties[chooser.choose(new Float64Array(ties.length))];
}

function bestOf(
  s: BestOfState,
  { batch, logFactor }: WeighedBatch,
  groups: number,
  chooser: Chooser,
): BestOfChunk['best'] {
  const { n } = s.options;
  return Array.from({ length: groups }, (_, g) => bestRow(logFactor, g * n, n, chooser))
    .filter((row) => row !== undefined)
    .map((row) => ({
      row,
      tokens: batch.tokens.slice(batch.offsets[row], batch.offsets[row + 1]),
      finished: batch.finished[row] === 1,
    }));
}

/** Draws the candidates of chunk `index` from the prior and takes the best of each group of n. */
export function bestOfChunk(s: BestOfState, index: number): Maybe<BestOfChunk> {
  const chooser = s.chooser.split(index);
  const groups = chunkGroups(s, index);
  return andThen(s.target.prior.sample(groups * s.options.n, chooser.split('propose')), (sampled) =>
    andThen(weigh(s.target, undefined, sampled), (weighed) => {
      const best = bestOf(s, weighed, groups, chooser.split('ties'));
      const rows = Int32Array.from(best, (b) => b.row);
      return andThen(namedValues(s.target.named, subBatch(weighed.batch, rows)), (named): BestOfChunk => ({
        logFactors: weighed.logFactor,
        logPriors: weighed.logPrior,
        killer: weighed.killer,
        tokens: weighed.batch.tokens.length,
        best,
        named,
      }));
    }),
  );
}
