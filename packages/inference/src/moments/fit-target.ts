import {
  addLogs,
  blameByDp,
  blameByListing,
  evaluateListing,
  isTabulated,
  jointLaw,
  listTables,
  valueOf,
  weightOf,
  zeroMass,
  type DpLimits,
  type JointLaw,
  type Problem,
} from '../dp/index.ts';
import { DEFAULT_MAX_STATES } from '../machine/index.ts';
import type { BoundMoment, Factor, NoMachine, Progress, Target } from '../port/index.ts';
import { fitOnMachines } from './fit-machines.ts';
import { fitOnTable } from './fit-table.ts';
import { certainFactor, certainty, tiltFactor } from './moment-factor.ts';

/** A target whose moments have become factors. */
export interface Fitted {
  /** One stage, no moments. */
  readonly target: Target;
  /** Of every moment, inner stages first; ±∞ for P(e) = 1 and P(e) = 0. Undefined where there are no moments. */
  readonly lambda: readonly number[] | null;
}

export interface FitOptions extends DpLimits {
  /** Most sequences to list where automata do not do. */
  readonly maxSupport: number;
}

export const FIT_DEFAULTS: FitOptions = { maxStates: DEFAULT_MAX_STATES, maxMemoryMB: 4096, maxSupport: 2_000_000 };

/**
 * Fits the moments of every stage exactly, inner stages first; a reason where neither automata nor listing can.
 * @throws P403 where what the moments are imposed on is empty, P405 where a moment is out of reach.
 */
export async function* fitting(target: Target, options: FitOptions): AsyncGenerator<Progress, Fitted | NoMachine> {
  const factors: Factor[] = [];
  const lambda: number[] = [];
  const { prior, name } = target;
  for (const stage of target.stages) {
    factors.push(...stage.factors);
    const free: BoundMoment[] = [];
    for (const moment of stage.moments) {
      const certain = certainty(moment);
      if (certain === undefined) free.push(moment);
      else factors.push(certainFactor(moment, certain, prior.maxTokens));
    }
    const found =
      free.length === 0 ? new Float64Array(0) : yield* fitStage({ name, prior, factors, named: [] }, free, options);
    if ('reason' in found) return found;
    let next = 0;
    for (const moment of stage.moments) {
      const certain = certainty(moment);
      if (certain !== undefined) {
        lambda.push(certain ? Infinity : -Infinity);
        continue;
      }
      const l = found[next++];
      lambda.push(l);
      if (l !== 0) factors.push(tiltFactor(moment, l, prior.maxTokens));
    }
  }
  return { target: { ...target, stages: [{ factors, moments: [] }] }, lambda: lambda.length === 0 ? null : lambda };
}

async function* fitStage(
  problem: Problem,
  moments: readonly BoundMoment[],
  options: FitOptions,
): AsyncGenerator<Progress, Float64Array | NoMachine> {
  const functions = moments.map((m) => m.function);
  let law: JointLaw | NoMachine = yield* jointLaw(problem, functions, options);
  if ('reason' in law) {
    const fitted = yield* fitOnMachines(problem, moments, options);
    if (!('reason' in fitted)) return fitted;
    const listed = yield* lawByListing(problem, moments, options);
    if (listed === undefined) return law;
    law = listed;
  }
  if (law.logMass.length === 0) throw zeroMass(problem, yield* blameByDp(problem, options));
  const goals = moments.map((m) => ({ ...m, name: m.function.name, kind: m.function.kind }));
  return fitOnTable(law.values, law.logMass, goals);
}

async function* lawByListing(
  problem: Problem,
  moments: readonly BoundMoment[],
  options: FitOptions,
): AsyncGenerator<Progress, JointLaw | undefined> {
  const listing = isTabulated(problem.prior) ? listTables(problem.prior, options.maxSupport) : undefined;
  if (listing === undefined) return undefined;
  const weights = yield* evaluateListing(problem, listing, problem.factors.map(weightOf));
  const columns = yield* evaluateListing(
    problem,
    listing,
    moments.map((m) => valueOf(m.function)),
  );
  const logs = addLogs(listing.size, [listing.logPrior, ...weights]);
  const alive = Array.from(logs.keys()).filter((i) => logs[i] > -Infinity);
  if (alive.length === 0) throw zeroMass(problem, blameByListing(problem, weights));
  return {
    values: Float64Array.from(alive.flatMap((i) => columns.map((c) => c[i]))),
    logMass: Float64Array.from(alive, (i) => logs[i]),
  };
}

/** `fitting` run to its end, letting other work in between; rejects with the signal's reason when stopped. */
export async function fitMoments(
  target: Target,
  options: Partial<FitOptions> & { readonly signal?: AbortSignal | undefined } = {},
): Promise<Fitted | NoMachine> {
  const steps = fitting(target, { ...FIT_DEFAULTS, ...options });
  for (;;) {
    options.signal?.throwIfAborted();
    const { done, value } = await steps.next();
    if (done === true) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
