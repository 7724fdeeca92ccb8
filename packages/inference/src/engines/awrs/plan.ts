import { fail } from '@postulate/graph';
import { awrsExtension, estimatorNamed, scoreMachines } from '../../awrs/index.ts';
import { whole } from '../../options/index.ts';
import { planRuns, type RunsPlan } from '../../particle-runs/index.ts';
import type { Factor, Request, Target } from '../../port/index.ts';
import { resamplerNamed } from '../../resampling/index.ts';
import { viabilityOf, type Viability } from '../../viability/index.ts';
import type { AwrsOptions } from './options.ts';

/** What the events say of prefixes. @throws P600 where their automata are too large, P403 where they allow no text. */
function viabilityFor(target: Target, factors: readonly Factor[]): Viability {
  const viability = viabilityOf(factors, target.prior);
  if (viability === undefined) {
    throw fail('P600', `the automata of the events of ${target.name} are too large to tell which prefixes live`, {
      help: 'use --engine smc',
    });
  }
  if (viability.alive[viability.machine.start] === 0) {
    const labels = viability.factors.map((f) => f.label).join(' and ');
    throw fail('P403', `posterior "${target.name}" has no mass: ${labels} leave no text`, {
      span: viability.factors[0].span,
    });
  }
  return viability;
}

/** Everything that is decided before the first run. The target has one stage. @throws P602 for an option it cannot take. */
export function planOf(target: Target, options: AwrsOptions, request: Request): RunsPlan {
  whole('maxRejects', options.maxRejects);
  if (options.resampling === 'optimal') {
    throw fail('P602', 'optimal resampling chooses among several extensions of a particle, and awrs makes one', {
      help: 'use --engine smc, or another resampling',
      kind: 'usage',
    });
  }
  const { factors } = target.stages[0];
  const extension = awrsExtension({
    prior: target.prior,
    proposal: request.proposal,
    viability: viabilityFor(target, factors),
    sampler: estimatorNamed(options.estimator),
    maxRejects: options.maxRejects === 0 ? Infinity : options.maxRejects,
    remember: options.remember,
    scores: scoreMachines(factors),
  });
  return {
    ...planRuns({ ...options, expansion: 1, pimh: false }, request, false),
    expansion: 1,
    resampler: resamplerNamed(options.resampling),
    extension,
    exactDraws: undefined,
  };
}
