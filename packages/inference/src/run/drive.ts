import { fail } from '@postulate/graph';
import { seededChooser } from '../chooser/index.ts';
import { inContext } from '../diagnostics/in-context.ts';
import { engineNamed, type AnyEngine } from '../engines/index.ts';
import type { Approximation, Draw, Progress, Request, Target } from '../port/index.ts';
import { engineOptions } from './options.ts';

export interface RunOptions {
  /** Name of the engine; default `auto`. */
  readonly engine?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Default 100; 0 asks for figures only. */
  readonly draws?: number | undefined;
  /** Default "0". */
  readonly seed?: string | undefined;
  /** Most sequences the prior may be asked for; default no limit. */
  readonly budget?: number | undefined;
  /** Stops the run; what was drawn by then is kept. */
  readonly signal?: AbortSignal | undefined;
}

/** What one step gives away. */
export interface Happening {
  readonly draws: readonly Draw[];
  readonly progress: Progress;
  readonly done: boolean;
}

function requestOf({ draws = 100, budget = Infinity, signal }: RunOptions): Request {
  if (!Number.isInteger(draws) || draws < 0) {
    throw fail('P901', `the number of draws is a whole number that is at least 0, found ${draws}`, { kind: 'usage' });
  }
  if (!(budget >= 1)) throw fail('P901', `a budget is at least 1 sequence, found ${budget}`, { kind: 'usage' });
  return { draws, budget: Math.floor(budget), signal };
}

function interrupted(result: Approximation): Approximation {
  const { diagnostics } = result;
  const verdict = diagnostics.verdict === 'ok' ? 'interrupted' : `interrupted; ${diagnostics.verdict}`;
  return { ...result, diagnostics: { ...diagnostics, verdict } };
}

async function begin(engine: AnyEngine, target: Target, run: RunOptions, request: Request) {
  const options = engineOptions(engine, run.options);
  const seeded = seededChooser(run.seed ?? '0');
  const root = Object.keys(target.context).length === 0 ? seeded : seeded.split(JSON.stringify(target.context));
  // `auto` splits for the engine that it chooses, so that its draws are those of that engine under the same seed.
  const chooser = engine.name === 'auto' ? root : root.split(engine.name);
  try {
    return { chooser, state: await engine.init(target, options, request, chooser) };
  } catch (error) {
    if (request.signal?.aborted) throw fail('P902', 'interrupted before anything was drawn', { cause: error });
    throw error;
  }
}

/** Milliseconds after which other work, a signal among it, gets its turn. */
const SLICE = 25;

/** Runs an engine step by step; what it returns at the end is the result. */
export async function* drive(target: Target, run: RunOptions): AsyncGenerator<Happening, Approximation> {
  const engine = engineNamed(run.engine ?? 'auto');
  const request = requestOf(run);
  try {
    const result = yield* steps(engine, target, run, request);
    const { warnings = [] } = target;
    return warnings.length === 0 ? result : { ...result, warnings: [...warnings, ...result.warnings] };
  } catch (error) {
    throw inContext(error, target.context);
  }
}

async function* steps(
  engine: AnyEngine,
  target: Target,
  run: RunOptions,
  request: Request,
): AsyncGenerator<Happening, Approximation> {
  const begun = await begin(engine, target, run, request);
  let { state } = begun;
  let rested = Date.now();
  for (;;) {
    if (request.signal?.aborted) return interrupted(await engine.finish(state));
    const step = await engine.step(state, begun.chooser);
    ({ state } = step);
    yield step;
    if (step.done) return engine.finish(state);
    if (Date.now() - rested > SLICE) {
      await new Promise((resolve) => setImmediate(resolve));
      rested = Date.now();
    }
  }
}
