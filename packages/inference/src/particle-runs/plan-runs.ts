import { whole } from '../options/index.ts';
import type { Request } from '../port/index.ts';

/** Fewest runs by default: with fewer, intervals at ±2 standard errors cover too rarely. */
const LEAST_RUNS = 32;
const MOST_RUNS = 1000;
/** Most particles in all by default: beyond them draws share runs. */
const MOST_PARTICLES = 20_000;

export interface RunCounts {
  readonly particles: number;
  /** Independent runs; 0 leaves the number open. */
  readonly runs: number;
  /** Rows that each particle takes. */
  readonly expansion: number;
  /** Whether each draw takes a run of its own. */
  readonly pimh: boolean;
}

/** Runs where the option leaves the number open: particles that all weigh the same are as good as runs. */
function runsFor(counts: RunCounts, draws: number, exact: boolean): number {
  const most = Math.min(MOST_RUNS, Math.ceil(MOST_PARTICLES / (counts.particles * counts.expansion)));
  const wanted = exact ? Math.ceil(draws / counts.particles) : Math.min(draws, most);
  const runs = counts.runs > 0 ? counts.runs : Math.max(LEAST_RUNS, wanted);
  // Each state of the chain is a run.
  return counts.pimh ? Math.max(runs, draws) : runs;
}

/** Particles and runs under the budget, which leaves out runs, or makes the only one smaller. */
export function planRuns(
  counts: RunCounts,
  request: Request,
  exact: boolean,
): { readonly particles: number; readonly runs: number } {
  whole('particles', counts.particles);
  whole('runs', counts.runs);
  const { expansion } = counts;
  const particles = Math.max(1, Math.min(counts.particles, Math.floor(request.budget / expansion)));
  const most = Math.floor(request.budget / (particles * expansion));
  return { particles, runs: Math.max(1, Math.min(runsFor(counts, request.draws, exact), most)) };
}
