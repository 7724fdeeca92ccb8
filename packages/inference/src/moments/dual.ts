import { Matrix, solve } from 'ml-matrix';
import { logSumExp } from '../numeric/index.ts';
import type { MomentGoal } from './reach.ts';

/** The dual at one λ: log Z(λ) − λ·m, its gradient E f − m and its Hessian Cov f. */
export interface DualPoint {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessian: readonly Float64Array[];
}

export interface DualOptimum {
  readonly lambda: Float64Array;
  readonly point: DualPoint;
  /** Largest violation of the optimality conditions. */
  readonly residual: number;
  readonly iterations: number;
}

/** The dual of a law on a table: `points` row-major, one column per goal. */
export function tableDual(
  points: Float64Array,
  logMass: Float64Array,
  goals: readonly MomentGoal[],
): (lambda: Float64Array) => DualPoint {
  const k = goals.length;
  const n = logMass.length;
  const centred = points.map((x, i) => x - goals[i % k].value);
  const logs = new Float64Array(n);
  return (lambda) => {
    for (let i = 0; i < n; i++) {
      let l = logMass[i];
      for (let j = 0; j < k; j++) l += lambda[j] === 0 ? 0 : lambda[j] * centred[i * k + j];
      logs[i] = l;
    }
    const value = logSumExp(logs);
    const gradient = new Float64Array(k);
    const second = Array.from({ length: k }, () => new Float64Array(k));
    for (let i = 0; i < n; i++) {
      const p = Math.exp(logs[i] - value);
      if (p === 0) continue;
      for (let a = 0; a < k; a++) {
        const x = p * centred[i * k + a];
        gradient[a] += x;
        for (let b = 0; b <= a; b++) second[a][b] += x * centred[i * k + b];
      }
    }
    for (let a = 0; a < k; a++) {
      for (let b = 0; b <= a; b++) second[b][a] = second[a][b] -= gradient[a] * gradient[b];
    }
    return { value, gradient, hessian: second };
  };
}

const MAX_ITERATIONS = 200;

/**
 * Minimises a convex dual by damped Newton steps on the moments that are free to move: λ ≤ 0 for `<=`, λ ≥ 0 for
 * `>=`, and λ = 0 where the inequality is slack (projected Newton, Bertsekas 1982). Collinear functions share the
 * step of least norm.
 */
export async function minimiseDual(
  dual: (lambda: Float64Array) => DualPoint | Promise<DualPoint>,
  goals: readonly MomentGoal[],
  tolerance = 1e-15,
): Promise<DualOptimum> {
  let lambda: Float64Array = new Float64Array(goals.length);
  let point = await dual(lambda);
  let residual = violation(lambda, point, goals);
  let iterations = 0;
  for (; iterations < MAX_ITERATIONS && residual > tolerance; iterations++) {
    const step = newtonStep(lambda, point, goals);
    const moved = await lineSearch(dual, goals, lambda, point, step);
    if (moved === undefined) break;
    ({ lambda, point } = moved);
    residual = violation(lambda, point, goals);
  }
  return { lambda, point, residual, iterations };
}

/** Whether the sign constraint lets λ stay at 0 against this gradient. */
function slack(l: number, gradient: number, goal: MomentGoal): boolean {
  if (goal.relation === '=' || l !== 0) return false;
  return goal.relation === '<=' ? gradient <= 0 : gradient >= 0;
}

function violation(lambda: Float64Array, point: DualPoint, goals: readonly MomentGoal[]): number {
  return goals.reduce((worst, g, i) => {
    if (slack(lambda[i], point.gradient[i], g)) return worst;
    return Math.max(worst, Math.abs(point.gradient[i]) / Math.max(1, Math.abs(g.value)));
  }, 0);
}

function newtonStep(lambda: Float64Array, point: DualPoint, goals: readonly MomentGoal[]): Float64Array {
  const free = goals.map((_, i) => i).filter((i) => !slack(lambda[i], point.gradient[i], goals[i]));
  const step = new Float64Array(goals.length);
  if (free.length === 0) return step;
  const h = new Matrix(free.map((i) => free.map((j) => point.hessian[i][j])));
  const g = Matrix.columnVector(free.map((i) => -point.gradient[i]));
  const solution = solve(h, g, true);
  free.forEach((i, row) => (step[i] = solution.get(row, 0)));
  return step;
}

function project(x: number, goal: MomentGoal): number {
  if (goal.relation === '<=') return Math.min(0, x);
  return goal.relation === '>=' ? Math.max(0, x) : x;
}

async function lineSearch(
  dual: (lambda: Float64Array) => DualPoint | Promise<DualPoint>,
  goals: readonly MomentGoal[],
  lambda: Float64Array,
  from: DualPoint,
  step: Float64Array,
): Promise<{ readonly lambda: Float64Array; readonly point: DualPoint } | undefined> {
  const before = violation(lambda, from, goals);
  for (let size = 1; size > 1e-10; size /= 2) {
    const next = lambda.map((l, i) => project(l + size * step[i], goals[i]));
    if (next.every((l, i) => l === lambda[i])) return undefined;
    const point = await dual(next);
    const expected = next.reduce((s, l, i) => s + from.gradient[i] * (l - lambda[i]), 0);
    if (point.value <= from.value + 1e-4 * expected && point.value < from.value) return { lambda: next, point };
    // Close to the optimum the value no longer resolves the step; the gradient still does.
    if (
      Math.abs(point.value - from.value) <= 1e-12 * Math.max(1, Math.abs(from.value)) &&
      violation(next, point, goals) < before
    ) {
      return { lambda: next, point };
    }
  }
  return undefined;
}
