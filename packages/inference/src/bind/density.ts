import type { TextBatch } from '@postulate/models';
import type { Factor, Target } from '../port/index.ts';
import { all, type Maybe } from './maybe.ts';

/** Σ log φ of each text, and for those of weight zero the factor that made it so. */
export interface FactorWeights {
  readonly logFactor: Float64Array;
  /** Index of the first factor whose weight is zero, −1 where none is. */
  readonly killer: Int32Array;
}

/** All factors of a target, stage after stage. */
export function factorsOf(target: Target): readonly Factor[] {
  return target.stages.flatMap((s) => s.factors);
}

/** Σ log φ over the factors; `-Infinity` from one factor wins over everything. */
export function logFactors(factors: readonly Factor[], batch: TextBatch): Maybe<FactorWeights> {
  return all(
    factors.map((f) => f.logWeights(batch)),
    (weights) => {
      const logFactor = new Float64Array(batch.size);
      const killer = new Int32Array(batch.size).fill(-1);
      weights.forEach((w, k) => {
        for (let i = 0; i < batch.size; i++) {
          if (w[i] === -Infinity && killer[i] === -1) killer[i] = k;
          logFactor[i] = killer[i] === -1 ? logFactor[i] + w[i] : -Infinity;
        }
      });
      return { logFactor, killer };
    },
  );
}
