import type { Diagnostic } from '@postulate/graph';
import { run, type Approximation, type Draw, type Target } from '@postulate/inference';
import { decode } from '@postulate/models';
import { openCrew } from '../workers/crew.ts';
import { jobOf, type Origin } from '../workers/job.ts';
import { journalled, keptOf } from '../workers/journalled.ts';
import { expecting, inferenceOptions, proposalLaw } from './options.ts';
import type { Result, RunOptions, TextDraw, TokenNames } from './types.ts';

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

/** `textDraw` of a target that decodes each draw once: most of a result are those handed out on the way. */
function textDraws(target: Target): (draw: Draw) => TextDraw {
  const made = new WeakMap<Draw, TextDraw>();
  return (draw) => {
    let text = made.get(draw);
    if (text === undefined) made.set(draw, (text = textDraw(target, draw)));
    return text;
  };
}

/** Names of the tokens in the ancestry of a run; undefined where it has none. */
function namesOf(target: Target, { details }: Approximation): TokenNames | undefined {
  if (details?.ancestry === undefined) return undefined;
  const { vocabulary } = target.prior;
  const occurring = new Set(details.ancestry.flatMap((a) => a.generations.flatMap((g) => [...g.tokens])));
  const inOrder = [...occurring].filter((t) => t >= 0 && t < vocabulary.size).sort((a, b) => a - b);
  return {
    tokens: Object.fromEntries(inOrder.map((t) => [t, vocabulary.tokens[t]])),
    separator: vocabulary.separator,
  };
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

/** A target of a posterior, and which member of its family it is. */
export interface Member {
  readonly target: Target;
  readonly origin: Origin;
  readonly index: number;
}

/** Whoever does the chunks of a run, and an end to it. */
export function hired({ origin, index }: Member, options: RunOptions, signal: AbortSignal) {
  const { workers = 1, onMessage, journal } = options;
  const kept = journal === undefined ? undefined : keptOf(journal, index, signal);
  const crew = openCrew(jobOf(origin, index, options), { workers, signal, onMessage, kept });
  const work = kept === undefined ? crew?.work : journalled(kept, crew?.work);
  return { work, dismiss: async () => crew?.close() };
}

/** An approximation with texts in place of tokens. */
function resultOf(target: Target, seed: string, textOf: (draw: Draw) => TextDraw) {
  const context = contextText(target);
  return (approximation: Approximation, stopped: boolean): Result => {
    const names = namesOf(target, approximation);
    return {
      ...approximation,
      posterior: target.name,
      graphHash: target.graphHash,
      seed,
      ...(context === undefined ? {} : { context }),
      draws: approximation.draws.map(textOf),
      ...(names === undefined ? {} : { names }),
      stopped,
    };
  };
}

/** Runs an engine on one target. */
export async function runMember(member: Member, options: RunOptions): Promise<Result> {
  const target = expecting(member.target, options.expect);
  const given = {
    ...inferenceOptions(options),
    law: await proposalLaw(options.proposal, member.index, member.origin.runtime),
  };
  const textOf = textDraws(target);
  const asResult = resultOf(target, given.seed, textOf);
  const stop = stopSignal(options);
  const { work, dismiss } = hired(member, options, stop.signal);
  try {
    const approximation = await run(target, {
      ...given,
      signal: stop.signal,
      work,
      onProgress: (progress) => {
        stop.tick();
        options.onProgress?.(progress);
      },
      onDraws: (draws) => options.onDraws?.(draws.map(textOf)),
      onMessage: options.onMessage,
      onBroken: (broken) => options.onBroken?.(asResult(broken, true)),
    });
    const whole = asResult(approximation, stop.signal.aborted);
    const short = shortfall(options, approximation.draws.length, given.draws);
    const result: Result = { ...whole, warnings: [...whole.warnings, ...short] };
    options.onResult?.(result);
    return result;
  } finally {
    stop.release();
    await dismiss();
  }
}
