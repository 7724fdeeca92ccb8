import { fail } from '@postulate/graph';
import type { PolicyGuide, TrainablePolicy } from '@postulate/models';
import type { Target } from '../port/index.ts';
import type { TrainingOptions } from './options.ts';

/** The policy of a family of targets, at their prior or, where it has guides, as these turn it. Throws P600 where nothing can be trained. */
export async function openPolicy(
  targets: readonly Target[],
  options: TrainingOptions,
  guides: readonly PolicyGuide[] | undefined,
): Promise<TrainablePolicy> {
  const [{ prior, name }] = targets;
  if (prior.trainable === undefined) {
    throw fail('P600', `nothing can be trained towards ${name}: its prior has no parameters`, {
      help: 'a mixture, a large n-gram model, a server and a guided policy cannot be trained.',
    });
  }
  return prior.trainable(
    guides === undefined ? options : { ...options, guides },
    targets.map((t) => t.prior),
  );
}
