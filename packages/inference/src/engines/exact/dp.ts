import type { Chooser } from '@postulate/models';
import {
  backwardTerms,
  blameByDp,
  componentsOf,
  expectation,
  forward,
  groupFunctions,
  prepareTable,
  samplerOf,
  sumLaw,
  tableLogProb,
  termsOf,
  zeroMass,
  type Problem,
  type SolvedTerm,
} from '../../dp/index.ts';
import type { MachineBudget } from '../../machine/index.ts';
import { logSumExp } from '../../numeric/index.ts';
import type { BoundFunction, Draw, NoMachine, Progress } from '../../port/index.ts';
import type { ExactOptions } from './options.ts';
import type { Solution } from './solution.ts';
import { listPosterior } from './support.ts';

interface Figures {
  readonly logPrior: number;
  readonly logFactor: number;
  readonly values: ReadonlyMap<string, number>;
  /** How far the marginals are from adding up to one. */
  readonly massError: number;
}

/**
 * Solves by dynamic programming; a reason where some factor has no automaton or the tables are too large.
 * @throws P403 where the posterior is empty.
 */
export function* solveByDp(problem: Problem, options: ExactOptions): Generator<Progress, Solution | NoMachine> {
  const { prior } = problem;
  const budget: MachineBudget = { maxStates: options.maxStates, maxTokens: prior.maxTokens };
  const sum = termsOf(prior, problem.factors, budget);
  if ('reason' in sum) return sum;
  const solved = yield* backwardTerms(sum, prior.maxTokens, options);
  if ('reason' in solved) return solved;
  const logZ = logSumExp(solved.map((t) => t.logZ));
  if (logZ === -Infinity) throw zeroMass(problem, yield* blameByDp(problem, options));
  const refused: Record<string, string> = {};
  const alive = solved.filter((t) => t.logZ > -Infinity);
  const figures: Figures[] = [];
  for (const t of alive) figures.push(yield* figuresOf(t, problem, options, refused));
  const shares = alive.map((t) => Math.exp(t.logZ - logZ));
  const mean = (value: (f: Figures) => number): number =>
    figures.reduce((s, f, i) => s + (shares[i] === 0 ? 0 : shares[i] * value(f)), 0);
  const expectations: Record<string, number | null> = {};
  for (const f of problem.named) {
    const value = mean((x) => x.values.get(f.name) ?? 0);
    // Rounding may carry a probability past its ends.
    expectations[f.name] = f.name in refused ? null : f.kind === 'event' ? Math.min(1, Math.max(0, value)) : value;
  }
  const single = solved.length === 1;
  const logFactor = sum.oneWeight ? mean((f) => f.logFactor) : NaN;
  if (!single) refused.entropy = 'the posterior is a sum of products, and the entropy of a sum is not linear';
  if (!sum.oneWeight) refused.klToPrior = 'a factor is a mean of exponentials, whose logarithm is not additive';
  return {
    method: 'dp',
    logZ,
    entropy: single && refused.entropy === undefined ? Math.max(0, logZ - mean((f) => f.logPrior) - logFactor) : null,
    klToPrior: sum.oneWeight && refused.klToPrior === undefined ? Math.max(0, logFactor - logZ) : null,
    expectations,
    unavailable: refused,
    support: listPosterior(solved, logZ, prior.vocabulary),
    extra: {
      states: Math.max(...solved.map((t) => t.term.machine.states)),
      contexts: Math.max(...solved.map((t) => t.b.prepared.contexts)),
      massError: Math.max(...figures.map((f) => f.massError)),
      recomputed: solved.reduce((n, t) => n + t.b.recomputed, 0),
    },
    draw: drawer(alive, problem, sum.oneWeight),
  };
}

function* figuresOf(
  t: SolvedTerm,
  problem: Problem,
  options: ExactOptions,
  refused: Record<string, string>,
): Generator<Progress, Figures> {
  const limits = { maxStates: options.maxStates, maxBytes: options.maxMemoryMB * 2 ** 20 };
  const grouping = groupFunctions(t.b, problem.named, limits);
  Object.assign(refused, grouping.refused);
  const values = new Map<string, number>();
  let logPrior = NaN;
  let logFactor = NaN;
  let massError = 0;
  for (const [i, group] of grouping.groups.entries()) {
    const mass = yield* forward(t.b, group.product, i === 0);
    massError = Math.max(massError, Math.abs(mass.total - 1));
    if (massError > MASS_TOLERANCE) refuseAll(refused, group.functions, i === 0);
    if (i === 0) {
      logPrior = mass.logPrior;
      logFactor = expectation(mass, 0);
    }
    group.functions.forEach((f, j) => values.set(f.name, expectation(mass, j + 1)));
  }
  return { logPrior, logFactor, values, massError };
}

/** Marginals that add up this far from one have lost their digits to cancellation and are not handed out. */
const MASS_TOLERANCE = 1e-7;

function refuseAll(refused: Record<string, string>, functions: readonly BoundFunction[], first: boolean): void {
  const reason = 'the marginals do not add up to one: too many digits cancelled';
  for (const f of functions) refused[f.name] = reason;
  if (first) refused.entropy = refused.klToPrior = reason;
}

/** Draws a summand by its share, then a sequence from it. */
function drawer(alive: readonly SolvedTerm[], problem: Problem, oneWeight: boolean): (chooser: Chooser) => Draw {
  if (alive.length === 1 && oneWeight && problem.prior.table !== undefined) {
    const sampler = samplerOf(alive[0].b);
    return (chooser) => sampler.draw(chooser);
  }
  const law = sumLaw(alive);
  const logPrior = priorDensity(problem);
  return (chooser) => {
    const { tokens, finished } = law.draw(chooser);
    const own = logPrior(tokens, finished);
    return { tokens, finished, logPrior: own, logFactor: law.logWeight(tokens, finished) - own, logWeight: 0 };
  };
}

function priorDensity({ prior }: Problem): (tokens: ArrayLike<number>, finished: boolean) => number {
  const parts = componentsOf(prior)
    .filter((c) => c.weight > 0)
    .map((c) => ({ logWeight: Math.log(c.weight), density: tableLogProb(prepareTable(c.model.table!)) }));
  return (tokens, finished) => logSumExp(parts.map((c) => c.logWeight + c.density(tokens, finished)));
}
