import { fail, type Diagnostic } from '@postulate/graph';
import { run, type Draw, type Target } from '@postulate/inference';
import { decode } from '@postulate/models';
import { didYouMean } from '../suggest.ts';
import type { Result, RunOptions, TextDraw } from './types.ts';

/** The context of a target as one string, or undefined where it has none. */
export function contextText(target: Target): string | undefined {
  const entries = Object.entries(target.context);
  if (entries.length === 0) return undefined;
  return entries.length === 1 ? entries[0][1] : entries.map(([k, v]) => `${k} = ${v}`).join(', ');
}

export function textDraw(target: Target, draw: Draw): TextDraw {
  const { vocabulary } = target.prior;
  const context = contextText(target);
  return {
    text: decode(vocabulary, draw.tokens),
    tokens: Array.from(draw.tokens, (t) => vocabulary.tokens[t]),
    finished: draw.finished,
    logPrior: draw.logPrior,
    logFactor: draw.logFactor,
    logWeight: draw.logWeight,
    ...(context === undefined ? {} : { context }),
  };
}

/** The same target, reporting only the named functions asked for. */
export function expecting(target: Target, names: readonly string[] | undefined): Target {
  if (names === undefined || names.length === 0) return target;
  const known = target.named.map((f) => f.name);
  const missing = names.find((n) => !known.includes(n));
  if (missing !== undefined) {
    throw fail('P901', `the file has no score or event named "${missing}".${didYouMean(missing, known)}`, {
      kind: 'usage',
      help: known.length === 0 ? 'it names no score and no event' : `it names ${known.join(', ')}`,
    });
  }
  return { ...target, named: target.named.filter((f) => names.includes(f.name)) };
}

/** One signal for the caller's own and the time limit; `tick` makes the limit hold where timers cannot fire. */
export function stopSignal(options: RunOptions) {
  const controller = new AbortController();
  const { signal, timeLimit = Infinity } = options;
  const end = performance.now() + timeLimit;
  const forward = () => controller.abort();
  if (signal?.aborted === true) forward();
  signal?.addEventListener('abort', forward, { once: true });
  const timer = timeLimit < 2 ** 31 ? setTimeout(forward, timeLimit) : undefined;
  return {
    signal: controller.signal,
    tick: () => {
      if (performance.now() >= end) controller.abort();
    },
    release: () => {
      signal?.removeEventListener('abort', forward);
      if (timer !== undefined) clearTimeout(timer);
    },
  };
}

function shortfall(options: RunOptions, got: number, wanted: number): readonly Diagnostic[] {
  if (got >= wanted || options.signal?.aborted === true || options.timeLimit === undefined) return [];
  const message = `the time budget ended with ${got} of ${wanted} draws.`;
  return [{ code: 'P603', severity: 'warning', message, help: 'a longer --budget, or fewer draws' }];
}

/** Runs an engine on one target. */
export async function runTarget(unfiltered: Target, options: RunOptions): Promise<Result> {
  const target = expecting(unfiltered, options.expect);
  const { engine = 'auto', n = 100, seed = '0', options: engineOptions = {}, budget = Infinity } = options;
  const stop = stopSignal(options);
  try {
    const approximation = await run(target, {
      engine,
      options: engineOptions,
      draws: n,
      seed,
      budget,
      signal: stop.signal,
      onProgress: (progress) => {
        stop.tick();
        options.onProgress?.(progress);
      },
      onDraws: (draws) => options.onDraws?.(draws.map((d) => textDraw(target, d))),
    });
    const context = contextText(target);
    return {
      ...approximation,
      posterior: target.name,
      graphHash: target.graphHash,
      seed,
      ...(context === undefined ? {} : { context }),
      draws: approximation.draws.map((d) => textDraw(target, d)),
      stopped: stop.signal.aborted,
      warnings: [...approximation.warnings, ...shortfall(options, approximation.draws.length, n)],
    };
  } finally {
    stop.release();
  }
}
