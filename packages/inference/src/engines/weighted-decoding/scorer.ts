import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { factorsOf, withFactorsRaised } from '../../bind/index.ts';
import { ratioOf } from '../../policies/index.ts';
import type { Preparing, Target } from '../../port/index.ts';
import { TWIST_NAMES, twistFor, type PreparedTwist } from '../../twists/index.ts';
import type { WeightedDecodingOptions } from './options.ts';

/** Names that the option `scorer` takes. */
const NAMES: readonly string[] = [...TWIST_NAMES, 'ratio'];

/**
 * What scores prefixes. `auto` looks ahead where some factor has an automaton, takes a ratio of models where that is what the
 * factors are, and else learns on draws of the prior. Throws P602 for an unknown name, P600 where there is no such score.
 */
export async function scorerFor(
  posterior: Target,
  options: WeightedDecodingOptions,
  chooser: Chooser,
  world: Preparing,
): Promise<PreparedTwist> {
  const { scorer } = options;
  if (!NAMES.includes(scorer)) {
    throw fail('P602', `there is no scorer "${scorer}"`, {
      help: `scorer is one of ${NAMES.join(', ')}`,
      kind: 'usage',
    });
  }
  const { sharpen, maxStates } = options;
  if (!(sharpen > 0 && sharpen < Infinity)) {
    throw fail('P602', `sharpen is a positive number, found ${sharpen}`, { kind: 'usage' });
  }
  const target = withFactorsRaised(posterior, sharpen, { maxStates, maxTokens: posterior.prior.maxTokens });
  if (scorer === 'ratio') {
    const ratio = ratioOf(target);
    if ('open' in ratio) return ratio;
    throw fail('P600', `the scorer ratio cannot be had for ${target.name}: ${ratio.reason}`, {
      help: 'it takes factors such as exp(log_prob(d1) - log_prob(d2)), or d1 * d2; try scorer=auto.',
    });
  }
  const twist = await twistFor(target, scorer, options, chooser, world);
  if (scorer !== 'auto' || twist.name !== 'none' || factorsOf(target).length === 0) return twist;
  const ratio = ratioOf(target);
  return 'open' in ratio ? ratio : twistFor(target, 'learned', options, chooser, world);
}
