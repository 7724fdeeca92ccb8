import type { Factor, Target } from '../port/index.ts';

/** How often the factors of a target were evaluated. */
export interface FactorCount {
  texts: number;
}

/** The same target, whose factors count the texts they are asked about. */
export function countedTarget(target: Target): { readonly target: Target; readonly count: FactorCount } {
  const count: FactorCount = { texts: 0 };
  const counted = (f: Factor): Factor => ({
    ...f,
    logWeights: (batch) => {
      count.texts += batch.size;
      return f.logWeights(batch);
    },
    machine: () => f.machine(),
  });
  const stages = target.stages.map((s) => ({ ...s, factors: s.factors.map(counted) }));
  return { target: { ...target, stages }, count };
}
