import { logSumExp } from '../numeric/index.ts';
import { expand, isMachine, product, type MachineBudget } from '../machine/index.ts';
import type { BoundFunction, NoMachine, Progress } from '../port/index.ts';
import type { ForwardMass } from './forward-mass.ts';
import { forward } from './forward.ts';
import { liveCount } from './product-layers.ts';
import type { Problem } from './problem.ts';
import { backwardTerms, type DpLimits } from './solve-terms.ts';
import { termsOf } from './terms.ts';

/** The law of a vector of functions under a posterior: distinct vectors and log of their masses, log Z not taken off. */
export interface JointLaw {
  /** points × functions, row-major. */
  readonly values: Float64Array;
  readonly logMass: Float64Array;
}

/**
 * The exact joint law of `functions` under `problem`, each function expanded to have its value in the finals.
 * A reason where there is no automaton or it is too large. An empty posterior has no points.
 */
export function* jointLaw(
  problem: Problem,
  functions: readonly BoundFunction[],
  limits: DpLimits,
): Generator<Progress, JointLaw | NoMachine> {
  const { maxTokens } = problem.prior;
  const budget: MachineBudget = { maxStates: limits.maxStates, maxTokens };
  const machines = [];
  for (const f of functions) {
    const machine = f.machine();
    const expanded = isMachine(machine) ? expand(machine, budget) : machine;
    if (!isMachine(expanded)) return { reason: `${f.name}: ${expanded.reason}` };
    machines.push(expanded);
  }
  const sum = termsOf(problem.prior, problem.factors, budget, { powers: true });
  if ('reason' in sum) return sum;
  const solved = yield* backwardTerms(sum, maxTokens, limits);
  if ('reason' in solved) return solved;
  const law = new Map<string, { readonly values: readonly number[]; readonly logs: number[] }>();
  for (const { b, logZ } of solved) {
    if (logZ === -Infinity) continue;
    const p = product([b.machine, ...machines], limits.maxStates);
    if ('reason' in p) return p;
    const { widest } = liveCount(b, p);
    const mebibytes = Math.ceil((widest * 16) / 2 ** 20);
    if (mebibytes > limits.maxMemoryMB) return { reason: `the joint law of its moments needs ${mebibytes} MiB` };
    gather(yield* forward(b, p, false), logZ, law);
  }
  const points = [...law.values()];
  return {
    values: Float64Array.from(points.flatMap((p) => p.values)),
    logMass: Float64Array.from(points, (p) => logSumExp(p.logs)),
  };
}

function gather(
  mass: ForwardMass,
  logZ: number,
  law: Map<string, { readonly values: readonly number[]; readonly logs: number[] }>,
): void {
  const { product: p } = mass;
  const width = p.machines.length;
  for (let s = 0; s < p.states; s++) {
    for (const end of [true, false]) {
      const probability = (end ? mass.ended : mass.stopped)[s];
      // Rounding noise of states that the prior cannot reach is no point of the law.
      if (!(probability > 1e-15)) continue;
      const values = p.machines.slice(1).map((m, i) => {
        return (end ? m.finalEnd : m.finalStop)[p.parts[s * width + i + 1]];
      });
      const key = values.join();
      const point = law.get(key) ?? { values, logs: [] };
      law.set(key, point);
      point.logs.push(logZ + Math.log(probability));
    }
  }
}
