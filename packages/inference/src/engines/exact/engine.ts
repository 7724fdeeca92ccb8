import { fail } from '@postulate/graph';
import type { Chooser, LanguageModel } from '@postulate/models';
import { isListable, listSupport, termsOf, type Problem } from '../../dp/index.ts';
import { fitting } from '../../moments/index.ts';
import type {
  Approximation,
  Draw,
  Engine,
  Estimate,
  Fitness,
  NoMachine,
  Progress,
  Step,
  Target,
} from '../../port/index.ts';
import { solveByDp } from './dp.ts';
import { solveByListing } from './enumerate.ts';
import { EXACT_DEFAULTS, EXACT_OPTION_HELP, type ExactOptions } from './options.ts';
import { policyByDp, policyByListing } from './policy.ts';
import type { Solution } from './solution.ts';

export interface ExactState {
  readonly work: AsyncGenerator<Progress, Solved>;
  readonly wanted: number;
  readonly solved: Solved | undefined;
  readonly draws: readonly Draw[];
}

interface Solved {
  readonly solution: Solution;
  readonly lambda: readonly number[] | null;
}

/** Draws handed out per step. */
const DRAWS_PER_STEP = 256;
/** Milliseconds of work between two looks at the outside world. */
const SLICE = 40;

export const exactEngine: Engine<ExactOptions, ExactState> = {
  name: 'exact',
  summary: 'exact answers: dynamic programming over a finite-state prior and automata, or listing a small support',
  guarantee: 'exact',
  requires: { prior: ['finiteState'], factors: ['completeScore'] },
  defaults: EXACT_DEFAULTS,
  optionHelp: EXACT_OPTION_HELP,
  fitness: (target) => fitnessOf(target, EXACT_DEFAULTS),
  init: (target, options, request) => ({
    work: solving(target, options),
    wanted: request.draws,
    solved: undefined,
    draws: [],
  }),
  async step(state, chooser) {
    const next = state.solved === undefined ? await advance(state) : drawSome(state, state.solved, chooser);
    await new Promise((resolve) => setImmediate(resolve));
    return next;
  },
  policy: (target, options, _chooser, world) => finishing(policyOf(target, options), world?.signal),
  finish,
};

/** Runs a computation to its end, letting other work in between; rejects with the signal's reason when stopped. */
async function finishing<T>(work: AsyncGenerator<Progress, T>, signal: AbortSignal | undefined): Promise<T> {
  for (let rested = Date.now(); ;) {
    signal?.throwIfAborted();
    const { done, value } = await work.next();
    if (done === true) return value;
    if (Date.now() - rested < SLICE) continue;
    await new Promise((resolve) => setImmediate(resolve));
    rested = Date.now();
  }
}

async function advance(state: ExactState): Promise<Step<ExactState>> {
  const until = Date.now() + SLICE;
  for (;;) {
    const { done, value } = await state.work.next();
    if (done === true) {
      const progress = { phase: 'solved', draws: 0, wanted: state.wanted, logZ: value.solution.logZ };
      return { state: { ...state, solved: value }, draws: [], progress, done: state.wanted === 0 };
    }
    if (Date.now() >= until) return { state, draws: [], progress: { ...value, wanted: state.wanted }, done: false };
  }
}

function drawSome(state: ExactState, solved: Solved, chooser: Chooser): Step<ExactState> {
  const from = state.draws.length;
  const count = Math.min(DRAWS_PER_STEP, state.wanted - from);
  const fresh = Array.from({ length: count }, (_, i) => solved.solution.draw(chooser.split(from + i)));
  const draws = [...state.draws, ...fresh];
  const progress = { phase: 'drawing', draws: draws.length, wanted: state.wanted, logZ: solved.solution.logZ };
  return { state: { ...state, draws }, draws: fresh, progress, done: draws.length >= state.wanted };
}

/** Fits the moments, then solves; every way to fail is an error that says why. */
async function* solving(target: Target, options: ExactOptions): AsyncGenerator<Progress, Solved> {
  const { problem, lambda } = yield* fittedProblem(target, options);
  return { solution: yield* solve(target, problem, options), lambda };
}

async function* fittedProblem(
  target: Target,
  options: ExactOptions,
): AsyncGenerator<Progress, { readonly problem: Problem; readonly lambda: readonly number[] | null }> {
  const fitted = yield* fitting(target, options);
  if ('reason' in fitted) throw refusal(target, fitted.reason);
  const { prior, name, named, stages } = fitted.target;
  return { problem: { name, prior, named, factors: stages.flatMap((s) => s.factors) }, lambda: fitted.lambda };
}

/** The posterior itself: by dynamic programming where that is possible, else from a list. */
async function* policyOf(target: Target, options: ExactOptions): AsyncGenerator<Progress, LanguageModel> {
  const { problem } = yield* fittedProblem(target, options);
  let dp: LanguageModel | NoMachine = { reason: 'method = "enumerate" was asked for' };
  if (options.method !== 'enumerate') {
    dp = yield* policyByDp(problem, options);
    if (!('reason' in dp)) return dp;
    if (options.method === 'dp') throw refusal(target, dp.reason);
  }
  const listing = await listSupport(problem.prior, options.maxSupport);
  if (listing === undefined) throw refusal(target, `${dp.reason}; and ${tooMany(options)}`);
  return yield* policyByListing(problem, listing);
}

const tooMany = (options: ExactOptions): string => `its prior has more than ${options.maxSupport} sequences to list`;

async function* solve(target: Target, problem: Problem, options: ExactOptions): AsyncGenerator<Progress, Solution> {
  let dp: Solution | NoMachine = { reason: 'method = "enumerate" was asked for' };
  if (options.method !== 'enumerate') {
    dp = yield* solveByDp(problem, options);
    if (!('reason' in dp) && (options.method === 'dp' || Object.keys(dp.unavailable).length === 0)) return dp;
    if ('reason' in dp && options.method === 'dp') throw refusal(target, dp.reason);
  }
  const listing = await listSupport(problem.prior, options.maxSupport);
  if (listing !== undefined) return yield* solveByListing(problem, listing);
  if ('reason' in dp) throw refusal(target, `${dp.reason}; and ${tooMany(options)}`);
  return dp;
}

function fitnessOf(target: Target, options: ExactOptions): Fitness {
  const { prior } = target;
  const factors = target.stages.flatMap((s) => s.factors);
  const sum = termsOf(prior, factors, { maxStates: options.maxStates, maxTokens: prior.maxTokens }, { powers: true });
  if (!('reason' in sum)) return { fits: true, note: 'dynamic programming over contexts and automaton states' };
  if (isListable(prior, options.maxSupport))
    return { fits: true, note: `by listing the support, because ${sum.reason}` };
  const reason = `${sum.reason}; and the prior has too many sequences to list`;
  return { fits: false, reason, diagnostic: refusal(target, reason).diagnostics[0] };
}

function refusal(target: Target, reason: string): ReturnType<typeof fail> {
  return fail('P600', `the engine exact cannot run ${target.name}: ${reason}`, {
    help: 'try --engine rejection or importance, or a smaller max_tokens.',
  });
}

const sure = (value: number): Estimate => ({ value, standardError: 0 });

function finish(state: ExactState): Approximation {
  const { solved, draws } = state;
  const s = solved?.solution;
  const nullable = (v: number | null | undefined): Estimate | null => (v === null || v === undefined ? null : sure(v));
  const expectations = Object.entries(s?.expectations ?? {}).map(([k, v]) => [k, nullable(v)]);
  return {
    kind: 'exact',
    engine: 'exact',
    guarantee: 'exact',
    draws,
    logZ: s === undefined ? null : { ...sure(s.logZ), kind: 'exact' },
    entropy: nullable(s?.entropy),
    klToPrior: nullable(s?.klToPrior),
    lambda: solved?.lambda ?? null,
    expectations: Object.fromEntries(expectations),
    support: s?.support ?? null,
    diagnostics: {
      ess: draws.length,
      paretoK: null,
      acceptanceRate: null,
      modelCalls: 0,
      verdict: s === undefined ? 'stopped before the answer was known' : 'ok',
      extra: s?.extra ?? {},
    },
    unavailable: s?.unavailable ?? {},
    warnings: [],
  };
}
