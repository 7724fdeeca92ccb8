import { fail, PostError } from '@postulate/graph';
import type { Chooser, LanguageModel } from '@postulate/models';
import { seededChooser } from '../chooser/index.ts';
import { inContext } from '../diagnostics/in-context.ts';
import { engineNamed, engines, type AnyEngine } from '../engines/index.ts';
import type { Approximation, Draw, Progress, Request, Step, Target, Work } from '../port/index.ts';
import { takingTurns } from '../work/index.ts';
import { engineOptions } from './options.ts';
import { lawFor, proposalOf, splitOptions } from './proposal.ts';
import { sourceDraws, splitSource } from './source.ts';

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
  /** A law to propose from in place of the prior, such as a trained policy. */
  readonly law?: LanguageModel | undefined;
  /** Has chunks of the engine's work done somewhere else; default: in place. */
  readonly work?: Work | undefined;
  /** Told how far the preparation of the run is, where that takes long. */
  readonly onMessage?: ((message: string) => void) | undefined;
  /** Told what the run has come to where something outside, such as a model server, breaks it off; the error is thrown after that. */
  readonly onBroken?: ((result: Approximation) => void) | undefined;
}

/** What one step gives away. */
export interface Happening {
  readonly draws: readonly Draw[];
  readonly progress: Progress;
  readonly done: boolean;
}

function requestOf({ draws = 100, budget = Infinity, signal, work, onMessage }: RunOptions): Request {
  if (!Number.isInteger(draws) || draws < 0) {
    throw fail('P901', `the number of draws is a whole number that is at least 0, found ${draws}`, { kind: 'usage' });
  }
  if (!(budget >= 1)) throw fail('P901', `a budget is at least 1 sequence, found ${budget}`, { kind: 'usage' });
  return { draws, budget: Math.floor(budget), signal, work, tell: onMessage };
}

function cutShort(result: Approximation, how: 'interrupted' | 'broken off'): Approximation {
  const { diagnostics } = result;
  const verdict = diagnostics.verdict === 'ok' ? how : `${how}; ${diagnostics.verdict}`;
  return { ...result, diagnostics: { ...diagnostics, verdict } };
}

/** Hands over what there is where `error` came from outside. An engine that has nothing to show, or needs what is gone, is silent. */
async function tellBroken(
  finish: () => Promise<Approximation>,
  error: unknown,
  { onBroken }: RunOptions,
): Promise<void> {
  if (onBroken === undefined || !(error instanceof PostError) || error.kind !== 'outside' || error.code === 'P900')
    return;
  const result = await finish().catch(() => undefined);
  if (result !== undefined) onBroken(cutShort(result, 'broken off'));
}

/** The result with the texts of the prior that its proposal took to make. */
function withCalls(result: Approximation, calls: number): Approximation {
  const { diagnostics } = result;
  return calls === 0
    ? result
    : { ...result, diagnostics: { ...diagnostics, modelCalls: diagnostics.modelCalls + calls } };
}

type Given = Readonly<Record<string, unknown>>;

async function begin(engine: AnyEngine, target: Target, run: RunOptions, request: Request) {
  const { own: written, source: ofSource } = splitSource(run.options);
  const given = splitOptions(written);
  const options = engineOptions(engine, given.own);
  const seeded = seededChooser(run.seed ?? '0');
  const root = Object.keys(target.context).length === 0 ? seeded : seeded.split(JSON.stringify(target.context));
  // `auto` splits for the engine that it chooses, so that its draws are those of that engine under the same seed.
  const chooser = engine.name === 'auto' ? root : root.split(engine.name);
  const name = (options as Readonly<Record<string, unknown>>)['proposal'];
  try {
    const named = await proposalOf(target, name, given.proposal, engines, chooser.split('proposal'), request);
    const law = lawFor(engine, target, run.law);
    const proposal = law ?? named;
    const source = await sourceDraws(target, options as Given, ofSource, chooser.split('source'), request.signal);
    const asked = {
      ...request,
      ...(proposal === undefined ? {} : { proposal }),
      ...(source === undefined ? {} : { source: [source] }),
    };
    const state = await engine.init(target, options, asked, chooser);
    return { chooser, state, proposalCalls: law === undefined ? (named?.modelCalls ?? 0) : 0 };
  } catch (error) {
    if (request.signal?.aborted) throw fail('P902', 'interrupted before anything was drawn', { cause: error });
    throw error;
  }
}

/**
 * Prepares a run for its chunks alone, somewhere else than where its steps are taken: under the same target and options
 * they are the same. Undefined where the engine's work does not come in chunks.
 */
export async function openChunks(
  target: Target,
  run: RunOptions,
): Promise<((index: number, input?: unknown) => unknown) | undefined> {
  const engine = engineNamed(run.engine ?? 'auto');
  if (engine.chunk === undefined) return undefined;
  const { state } = await begin(engine, target, run, requestOf(run));
  return (index, input) => engine.chunk!(state, index, input);
}

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

/** One step, or undefined where the signal ended it: what is done elsewhere is not waited for. */
async function stepOrStop(
  engine: AnyEngine,
  state: unknown,
  chooser: Chooser,
  signal: AbortSignal | undefined,
): Promise<Step<unknown> | undefined> {
  try {
    return await engine.step(state, chooser);
  } catch (error) {
    if (signal?.aborted && error instanceof PostError && error.code === 'P902') return undefined;
    throw error;
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
  const finish = async (s: unknown): Promise<Approximation> => withCalls(await engine.finish(s), begun.proposalCalls);
  const turn = takingTurns();
  for (let taken = 0; ; taken++) {
    if (request.signal?.aborted) return cutShort(await finish(state), 'interrupted');
    let step: Step<unknown> | undefined;
    try {
      step = await stepOrStop(engine, state, begun.chooser, request.signal);
    } catch (error) {
      const last = state;
      if (taken > 0) await tellBroken(() => finish(last), error, run);
      throw error;
    }
    if (step === undefined) return cutShort(await finish(state), 'interrupted');
    ({ state } = step);
    yield step;
    if (step.done) return finish(state);
    await turn();
  }
}
