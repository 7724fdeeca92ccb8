import type { Approximation, Details, Draw, Progress, Target } from '../port/index.ts';
import { drive, type RunOptions } from './drive.ts';
import { Trace } from './trace.ts';

export interface RunCallbacks {
  /** At most ten times a second, and once at the end. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Draws as they become final, in order. */
  readonly onDraws?: ((draws: readonly Draw[]) => void) | undefined;
}

const PROGRESS_INTERVAL = 100;

function traced(result: Approximation, trace: Trace): Approximation {
  const points = trace.all();
  if (points === undefined) return result;
  // Not by spreading: a detail that is worked out for who looks at it would be looked at here.
  const own = Object.getOwnPropertyDescriptors(result.details ?? {});
  const details = Object.defineProperties({}, { ...own, trace: { value: points, enumerable: true } }) as Details;
  return { ...result, details };
}

/**
 * Runs an engine on a target to the end. Stopped by its signal it returns what is known so far, with a verdict that says
 * so. Throws P601 and P602 for a wrong engine or option, P600 where the engine cannot run the target, P603 and P604 for
 * runs without a result.
 */
export async function run(target: Target, options: RunOptions & RunCallbacks = {}): Promise<Approximation> {
  const steps = drive(target, options);
  const trace = new Trace();
  let shown = -Infinity;
  for (;;) {
    const next = await steps.next();
    if (next.done) return traced(next.value, trace);
    trace.add(next.value.progress);
    const { draws, progress, done } = next.value;
    if (draws.length > 0) options.onDraws?.(draws);
    if (!options.onProgress || (!done && Date.now() - shown < PROGRESS_INTERVAL)) continue;
    shown = Date.now();
    options.onProgress(progress);
  }
}

/** The draws of a run, one by one as they become final. Returning early stops the run. */
export async function* stream(target: Target, options: RunOptions = {}): AsyncGenerator<Draw, Approximation> {
  const steps = drive(target, options);
  for (;;) {
    const next = await steps.next();
    if (next.done) return next.value;
    yield* next.value.draws;
  }
}

/** One run for each target of a family of contexts, with independent randomness; stops after the one interrupted. */
export async function runAll(
  targets: readonly Target[],
  options: RunOptions & RunCallbacks = {},
): Promise<readonly Approximation[]> {
  const results: Approximation[] = [];
  for (const target of targets) {
    if (options.signal?.aborted && results.length > 0) break;
    results.push(await run(target, options));
  }
  return results;
}
