import { fail } from '@postulate/graph';
import { geometricSampler } from './geometric.ts';
import { recursiveSampler } from './recursive.ts';
import type { RestrictedSampler } from './restricted.ts';
import { traceSampler } from './trace.ts';

/** The estimators of the allowed mass by name; all are unbiased, `recursive` asks the fewest tests. */
export const ESTIMATORS: Readonly<Record<string, RestrictedSampler>> = {
  recursive: recursiveSampler,
  trace: traceSampler,
  geometric: geometricSampler,
};

/** The estimator of a name. Throws P602. */
export function estimatorNamed(name: string): RestrictedSampler {
  if (Object.hasOwn(ESTIMATORS, name)) return ESTIMATORS[name];
  throw fail('P602', `there is no estimator "${name}"`, {
    help: `estimator is one of ${Object.keys(ESTIMATORS).join(', ')}`,
    kind: 'usage',
  });
}
