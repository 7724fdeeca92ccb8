import { setImmediate as breathe, setTimeout as wait } from 'node:timers/promises';
import { fail, type PostError, type Span } from '@postulate/graph';
import {
  backwardTerms,
  blameByDp,
  expectation,
  forward,
  termsOf,
  zeroMass,
  type DpLimits,
  type Problem,
} from '../dp/index.ts';
import { isMachine, product } from '../machine/index.ts';
import { logSumExp } from '../numeric/index.ts';
import type { BoundMoment, NoMachine, Progress } from '../port/index.ts';
import { minimiseDual, type DualPoint } from './dual.ts';
import { tiltFactor } from './moment-factor.ts';
import { describe, type MomentGoal } from './reach.ts';

/** A computation that a caller may stop, and that says how far it is. */
interface Running {
  evaluations: number;
  stopped: boolean;
}

interface Value {
  readonly logZ: number;
  readonly means: Float64Array;
}

/** Thrown inside the fit where the tables do not fit the budget; becomes the reason that the caller returns. */
class Refused extends Error {}

/** Step of the numerical derivative of the means: the fit corrects its error of this order in the next iteration. */
const DELTA = 1e-4;

/**
 * λ of moments whose functions are additive, without listing their joint values: log Z(λ) and the means by dynamic
 * programming on the tilted target, their derivatives from differences, and damped Newton on the dual. A reason where a
 * function has no automaton or the tables are too large.
 * @throws P405 where a moment is out of reach.
 */
export async function* fitOnMachines(
  problem: Problem,
  moments: readonly BoundMoment[],
  limits: DpLimits,
): AsyncGenerator<Progress, Float64Array | NoMachine> {
  for (const m of moments) {
    const machine = m.function.machine();
    if (!isMachine(machine)) return machine;
  }
  const goals = moments.map((m) => ({ ...m, name: m.function.name, kind: m.function.kind }));
  checkRanges(moments, goals);
  const running: Running = { evaluations: 0, stopped: false };
  const fit = minimiseDual((lambda) => dualPoint(problem, moments, lambda, limits, running), goals, 1e-11);
  const ended = fit.then(
    () => true,
    () => true,
  );
  try {
    while (!(await Promise.race([ended, wait(50, false)]))) {
      yield { phase: `fitting moments, evaluation ${running.evaluations}`, draws: 0, wanted: 0 };
    }
  } finally {
    running.stopped = true;
  }
  try {
    const found = await fit;
    if (found.residual < 1e-9) return found.lambda;
    throw outOfReach(
      `no weights give ${goals.map(describe).join(' and ')}: the fit stops ${found.residual} away`,
      moments[0].span,
    );
  } catch (error) {
    if (error instanceof Refused) return { reason: error.message };
    throw error;
  }
}

function outOfReach(message: string, span: Span | undefined): PostError {
  return fail('P405', message, { span, help: 'ask for a value strictly inside what the function can reach.' });
}

/** A mean lies strictly between the ends of the function's range. */
function checkRanges(moments: readonly BoundMoment[], goals: readonly MomentGoal[]): void {
  for (const [i, { function: f, relation, value, span }] of moments.entries()) {
    const { lo, hi } = f.range;
    const inside = (relation === '>=' || value > lo) && (relation === '<=' || value < hi);
    if (!inside)
      throw outOfReach(`${describe(goals[i])} is out of reach: values of ${f.name} lie between ${lo} and ${hi}`, span);
  }
}

async function dualPoint(
  problem: Problem,
  moments: readonly BoundMoment[],
  lambda: Float64Array,
  limits: DpLimits,
  running: Running,
): Promise<DualPoint> {
  const at = (l: Float64Array): Promise<Value> => tilted(problem, moments, l, limits, running);
  const here = await at(lambda);
  const gradient = here.means.map((mean, i) => mean - moments[i].value);
  const hessian: Float64Array[] = [];
  for (let j = 0; j < lambda.length; j++) {
    const moved = Float64Array.from(lambda);
    moved[j] += DELTA;
    const there = await at(moved);
    hessian.push(there.means.map((mean, i) => (mean - here.means[i]) / DELTA));
  }
  const value = lambda.reduce((v, l, i) => v - l * moments[i].value, here.logZ);
  return { value, gradient, hessian: symmetric(hessian) };
}

function symmetric(h: readonly Float64Array[]): readonly Float64Array[] {
  return h.map((row, i) => row.map((x, j) => (x + h[j][i]) / 2));
}

/** log Z and the means of the moments' functions under the target times exp(Σ λ f). */
async function tilted(
  problem: Problem,
  moments: readonly BoundMoment[],
  lambda: Float64Array,
  limits: DpLimits,
  running: Running,
): Promise<Value> {
  const { maxTokens } = problem.prior;
  running.evaluations++;
  const tilts = moments.flatMap((m, i) => (lambda[i] === 0 ? [] : [tiltFactor(m, lambda[i], maxTokens)]));
  const sum = termsOf(
    problem.prior,
    [...problem.factors, ...tilts],
    { maxStates: limits.maxStates, maxTokens },
    { powers: true },
  );
  if ('reason' in sum) throw new Refused(sum.reason);
  const solved = await finished(backwardTerms(sum, maxTokens, limits), running);
  if ('reason' in solved) throw new Refused(solved.reason);
  const machines = moments.map((m) => m.function.machine());
  const logZ = logSumExp(solved.map((t) => t.logZ));
  if (logZ === -Infinity) throw zeroMass(problem, await finished(blameByDp(problem, limits), running));
  const means = new Float64Array(moments.length);
  for (const { b, logZ: own } of solved) {
    if (own === -Infinity) continue;
    const p = product([b.machine, ...machines.filter(isMachine)], limits.maxStates);
    if ('reason' in p) throw new Refused(p.reason);
    const mass = await finished(forward(b, p, false), running);
    for (let i = 0; i < means.length; i++) means[i] += Math.exp(own - logZ) * expectation(mass, i + 1);
  }
  return { logZ, means };
}

/** Runs a computation to its end, letting other work in between its steps. */
async function finished<T>(steps: Generator<Progress, T>, running: Running): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (running.stopped) throw new Refused('the fit was stopped');
    await breathe();
  }
}
