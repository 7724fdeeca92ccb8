import { engineNamed } from '../engines/index.ts';
import type { Approximation, Target } from '../port/index.ts';
import { run, type RunOptions } from '../run/index.ts';

/** The target that asks for nothing: its posterior is its prior. */
export function priorTarget(target: Target): Target {
  return { ...target, name: 'prior', stages: [{ factors: [], moments: [] }] };
}

/** Figures and draws of the prior itself: exact where they can be, else from independent draws. */
export async function priorFigures(
  target: Target,
  options: Pick<RunOptions, 'draws' | 'seed' | 'signal'>,
): Promise<{ readonly how: string; readonly result: Approximation }> {
  const bare = priorTarget(target);
  if (engineNamed('exact').fitness(bare).fits) {
    return { how: 'exact', result: await run(bare, { ...options, engine: 'exact' }) };
  }
  const result = await run(bare, { ...options, engine: 'rejection', draws: Math.max(1000, options.draws ?? 0) });
  return { how: `${result.draws.length} draws`, result };
}
