import { run, type Approximation, type Estimate } from '@postulate/inference';
import { covers } from '@postulate/testing';
import type { Row } from './row.ts';
import { mean, rootMeanSquare, timed } from './statistics.ts';
import { ANSWERS, markov6, TEXT_LENGTH } from './targets.ts';

/** One engine under one choice of options, on one posterior. */
export interface Setting {
  readonly posterior: 'A' | 'B';
  readonly engine: string;
  readonly what: string;
  /** Draws asked of each run; 0 for figures only. */
  readonly draws: number;
  readonly options: Readonly<Record<string, number | boolean | string>>;
  readonly seeds: number;
}

export interface SeededRuns {
  readonly setting: Setting;
  /** Without the runs that were refused as degenerate. */
  readonly results: readonly Approximation[];
  /** Wall clock of all runs, each with its set-up, after some that are not counted. */
  readonly seconds: number;
  /** Processor time of the whole process over the same runs. */
  readonly processorSeconds: number;
}

/** Runs that are not counted: at least one, and more of short ones, until the code is compiled; seconds of the processor. */
const WARM_UP = { runs: 2000, seconds: 1 };

async function warmUp(once: (seed: number) => Promise<unknown>): Promise<void> {
  const start = process.cpuUsage();
  for (let i = 1; i <= WARM_UP.runs; i++) {
    await once(-i).catch(() => undefined);
    const { user, system } = process.cpuUsage(start);
    if ((user + system) / 1e6 > WARM_UP.seconds) return;
  }
}

/** Runs a setting under many seeds on one target, whose own tables are made beforehand. */
export async function seededRuns(setting: Setting): Promise<SeededRuns> {
  const { posterior, engine, options, draws, seeds } = setting;
  const target = await markov6(posterior);
  const once = (seed: number) => run(target, { engine, options, draws, seed: `bench ${seed}`, budget: Infinity });
  await warmUp(once);
  const results: Approximation[] = [];
  const before = process.cpuUsage();
  const [seconds] = await timed(async () => {
    for (let seed = 0; seed < seeds; seed++) {
      const result = await once(seed).catch(() => undefined);
      if (result !== undefined) results.push(result);
    }
  });
  const { user, system } = process.cpuUsage(before);
  return { setting, results, seconds, processorSeconds: (user + system) / 1e6 };
}

/** Errors below this are those of floating-point sums, which no error bar is about. */
const ROUNDING = 1e-10;

const holds = ({ value, standardError }: Estimate, truth: number): boolean =>
  Math.abs(value - truth) <= ROUNDING || covers(value, standardError ?? 0, truth);

/** How far estimates are from the truth, how far they say they are, and how often their 95% intervals hold it. */
export function judged(estimates: readonly Estimate[], truth: number): Pick<Row, 'error' | 'ownError' | 'coverage'> {
  return {
    error: rootMeanSquare(estimates.map((e) => e.value - truth)),
    ownError: rootMeanSquare(estimates.map((e) => e.standardError ?? NaN)),
    coverage: mean(estimates.map((e) => (holds(e, truth) ? 1 : 0))),
  };
}

const proposals = ({ results }: SeededRuns): number => results.reduce((sum, r) => sum + r.diagnostics.modelCalls, 0);

/** Texts of the prior in each second, or particles: what the engine asked the prior for. */
export const textRate = (runs: SeededRuns): number => proposals(runs) / runs.seconds;
/** The same in each second of processor time, which other work on the machine disturbs less. */
export const textRateOfProcessor = (runs: SeededRuns): number => proposals(runs) / runs.processorSeconds;
/** Draws handed out in each second. */
export const drawRate = ({ results, seconds }: SeededRuns): number =>
  results.reduce((sum, r) => sum + r.draws.length, 0) / seconds;

export const trusted = ({ results }: SeededRuns): number =>
  mean(results.map((r) => (r.diagnostics.verdict === 'ok' ? 1 : 0)));

/** The figures of log Z, and what a run took. */
export function logZRow(runs: SeededRuns): Row {
  const { setting, results } = runs;
  const estimates = results.flatMap((r) => (r.logZ === null ? [] : [r.logZ]));
  const refused = setting.seeds - estimates.length;
  return {
    ...{ task: setting.posterior, what: setting.what, runs: setting.seeds },
    ...judged(estimates, ANSWERS[setting.posterior].logZ),
    verdictOk: trusted(runs),
    modelCalls: proposals(runs) / results.length,
    tokensPerSecond: TEXT_LENGTH * textRate(runs),
    ...(refused === 0 ? {} : { note: `${refused} runs refused as degenerate` }),
  };
}
