import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { exactDraws } from '../../dp/index.ts';
import { whole } from '../../options/index.ts';
import { planRuns, type RunsPlan } from '../../particle-runs/index.ts';
import type { Request, Target } from '../../port/index.ts';
import { resamplerNamed } from '../../resampling/index.ts';
import type { SmcOptions } from './options.ts';
import { LIMITS, steeringFor } from './steering.ts';

/** Everything that is decided before the first run, and the texts of the prior that it took. */
export interface SmcPlan {
  readonly plan: RunsPlan;
  readonly modelCalls: number;
}

/** Decides everything. A budget leaves out runs, or makes the only one smaller. @throws P602, P600 and P403. */
export async function planOf(
  target: Target,
  options: SmcOptions,
  request: Request,
  chooser: Chooser,
): Promise<SmcPlan> {
  whole('expansion', options.expansion);
  const resampler = resamplerNamed(options.resampling);
  const expansion = options.expansion > 0 ? options.expansion : options.resampling === 'optimal' ? 3 : 1;
  if (options.resampling === 'optimal' && expansion === 1) {
    throw fail('P602', 'optimal resampling chooses among more particles than it keeps: expansion is at least 2', {
      kind: 'usage',
    });
  }
  const { extension, modelCalls } = await steeringFor(target, options, request, chooser);
  const exact = extension.exact === true && options.essThreshold <= 1;
  const { particles, runs } = planRuns({ ...options, expansion }, request, exact);
  const { factors } = target.stages[0];
  const draws = options.bounds ? exactDraws({ prior: target.prior, factors }, LIMITS) : undefined;
  return { plan: { particles, expansion, runs, resampler, extension, exactDraws: draws }, modelCalls };
}
