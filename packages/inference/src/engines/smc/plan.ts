import { fail } from '@postulate/graph';
import { exactDraws } from '../../dp/index.ts';
import type { Chooser } from '@postulate/models';
import type { Request, Target } from '../../port/index.ts';
import { resamplerNamed } from '../../resampling/index.ts';
import type { SmcOptions } from './options.ts';
import type { SmcPlan } from './state.ts';
import { LIMITS, steeringFor } from './steering.ts';

/** Fewest runs by default: with fewer, intervals at ±2 standard errors cover too rarely. */
const LEAST_RUNS = 32;
const MOST_RUNS = 1000;

/** Runs where the option leaves the number open: particles that all weigh the same are as good as runs. */
function runsFor(options: SmcOptions, draws: number, exact: boolean): number {
  const wanted = exact ? Math.ceil(draws / options.particles) : Math.min(draws, MOST_RUNS);
  const runs = options.runs > 0 ? options.runs : Math.max(LEAST_RUNS, wanted);
  // Each state of the chain is a run.
  return options.pimh ? Math.max(runs, draws) : runs;
}

function whole(name: 'particles' | 'runs' | 'expansion', options: SmcOptions): void {
  if (Number.isInteger(options[name])) return;
  throw fail('P602', `${name} is a whole number, found ${options[name]}`, { kind: 'usage' });
}

/** Everything that is decided before the first run. A budget leaves out runs, or makes the only one smaller. */
export async function planOf(
  target: Target,
  options: SmcOptions,
  request: Request,
  chooser: Chooser,
): Promise<SmcPlan> {
  for (const name of ['particles', 'runs', 'expansion'] as const) whole(name, options);
  const resampler = resamplerNamed(options.resampling);
  const expansion = options.expansion > 0 ? options.expansion : options.resampling === 'optimal' ? 3 : 1;
  if (options.resampling === 'optimal' && expansion === 1) {
    throw fail('P602', 'optimal resampling chooses among more particles than it keeps: expansion is at least 2', {
      kind: 'usage',
    });
  }
  const { extension, modelCalls } = await steeringFor(target, options.twist, request, chooser);
  const wanted = runsFor(options, request.draws, extension.exact === true && options.essThreshold <= 1);
  const particles = Math.max(1, Math.min(options.particles, Math.floor(request.budget / expansion)));
  const runs = Math.max(1, Math.min(wanted, Math.floor(request.budget / (particles * expansion))));
  const { factors } = target.stages[0];
  return {
    particles,
    expansion,
    runs,
    resampler,
    extension,
    modelCalls,
    exactDraws: options.bounds ? exactDraws({ prior: target.prior, factors }, LIMITS) : undefined,
  };
}
