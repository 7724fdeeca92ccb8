import type { RunsState } from './state.ts';

/** Below these the standard errors themselves are not to be relied on. */
const LEAST_ESS = 100;
const LEAST_EFFECTIVE_RUNS = 20;
/** Above this k̂ the mean of Ẑ is not to be relied on. */
const LARGEST_K = 0.7;
/** With fewer runs the tail that k̂ is fitted to is too short to accuse anyone. */
const RUNS_FOR_K = 100;
/** Where the runs agree this well, no few of them can carry the estimates, whatever the shape of what is left to differ. */
const AGREEING_RUNS = 0.9;
/** A table fitted on fewer texts that have what the factors ask for than this knows of it by chance. */
const LEAST_SEEN = 10;

export interface Quality {
  readonly ess: number;
  readonly effectiveRuns: number;
  readonly k: number | null;
  readonly dead: number;
}

/** `ok`, or why not to trust the runs and what to try. */
export function verdictOf(s: RunsState, q: Quality): string {
  const { particles } = s.plan;
  const total = particles * s.runs.length;
  const others = `or try ${s.others}`;
  if (q.ess < LEAST_ESS) {
    const few = `effective sample size ${q.ess.toPrecision(3)} of ${total} particles in ${s.runs.length} run${s.runs.length === 1 ? '' : 's'}`;
    return `${few}: do not trust it; raise the options particles or runs, ${others}`;
  }
  if (s.runs.length > 1 && q.effectiveRuns < LEAST_EFFECTIVE_RUNS) {
    const dead = q.dead > 0 ? ` (${q.dead} died)` : '';
    const few = `${q.effectiveRuns.toPrecision(3)} effective runs of ${s.runs.length}${dead}`;
    return `${few}: the errors rest on too few; raise the options particles or runs, ${others}`;
  }
  const agree = q.effectiveRuns >= AGREEING_RUNS * s.runs.length;
  const { surrogate } = s.plan.extension;
  if (surrogate !== undefined && surrogate.seen < LEAST_SEEN && !(agree && s.runs.length > 1)) {
    const { seen, texts } = surrogate;
    const shown = seen === 0 ? 'none' : `${Number(seen.toPrecision(2))} (effectively)`;
    return `the table to look ahead by was fitted on ${texts} texts of the prior, ${shown} of which have what the factors ask for: what it never saw the runs may have missed; raise the options surrogateDraws and particles, ${others}`;
  }
  const differ = s.runs.length >= RUNS_FOR_K && !agree;
  if (differ && q.k !== null && q.k >= LARGEST_K) {
    return `Pareto k ${q.k.toPrecision(2)} of the runs: a few of them carry the estimates; raise the option particles, ${others}`;
  }
  return 'ok';
}
