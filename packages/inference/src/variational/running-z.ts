import { fail } from '@postulate/graph';
import { logAddExp, logMeanExp } from '../numeric/index.ts';
import type { Drawn, Training } from './training.ts';

/** Share of its weight that a batch keeps with every later one. */
const KEPT = 0.95;

/**
 * Running means of weights, one for each target, in logs: newer batches count more, since they come from better proposals. The mean
 * of every batch is unbiased for Z, and so is theirs.
 */
export class RunningZ {
  /** log of the decayed sum of batch means, and of the decayed number of batches, by target. */
  readonly sums: Float64Array;
  readonly counts: Float64Array;

  constructor(targets: number) {
    this.sums = new Float64Array(targets).fill(-Infinity);
    this.counts = new Float64Array(targets);
  }

  /** Takes in the log weights of a batch of target `law`. */
  add(law: number, logWeights: Float64Array): void {
    this.sums[law] = logAddExp(this.sums[law] + Math.log(KEPT), logMeanExp(logWeights));
    this.counts[law] = KEPT * this.counts[law] + 1;
  }

  /** log Ẑ of target `law`; `-Infinity` while no text of positive weight was seen. */
  logZ(law: number): number {
    return this.counts[law] === 0 ? -Infinity : this.sums[law] - Math.log(this.counts[law]);
  }

  save(): Readonly<Record<'zSums' | 'zCounts', Float64Array>> {
    return { zSums: this.sums.slice(), zCounts: this.counts.slice() };
  }

  load(arrays: Readonly<Record<string, ArrayLike<number>>>): void {
    this.sums.set(arrays['zSums']);
    this.counts.set(arrays['zCounts']);
  }
}

/** Steps without a single text of positive weight, after which a run is given up. */
const DEAD_STEPS = 20;

/** Gives a run up that has had nothing to learn from in many steps (P604). */
export function refuseDead(t: Training, drawn: Drawn, z: RunningZ): void {
  if (t.step + 1 < DEAD_STEPS) return;
  for (const { law, from } of drawn.groups) {
    if (z.counts[law] < DEAD_STEPS / 2 || z.logZ(law) > -Infinity) continue;
    const text = JSON.stringify(drawn.batch.text(from));
    throw fail(
      'P604',
      `every text drawn so far for ${t.targets[law].name} has weight zero, the last batch's first one ${text}`,
      {
        help: 'weaken the factors, or raise batch; see whether there is any mass: post sample --engine exact or smc',
      },
    );
  }
}
