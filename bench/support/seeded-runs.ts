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
  /** Wall clock of all runs, each with its set-up, after one that is not counted. */
  readonly seconds: number;
}

/** Runs a setting under many seeds on one target, whose own tables are made beforehand. */
export async function seededRuns(setting: Setting): Promise<SeededRuns> {
  const { posterior, engine, options, draws, seeds } = setting;
  const target = await markov6(posterior);
  const once = (seed: number) => run(target, { engine, options, draws, seed: `bench ${seed}`, budget: Infinity });
  await once(-1);
  const results: Approximation[] = [];
  const [seconds] = await timed(async () => {
    for (let seed = 0; seed < seeds; seed++) {
      const result = await once(seed).catch(() => undefined);
      if (result !== undefined) results.push(result);
    }
  });
  return { setting, results, seconds };
}

/** How far estimates are from the truth, how far they say they are, and how often their 95% intervals hold it. */
export function judged(estimates: readonly Estimate[], truth: number): Pick<Row, 'error' | 'ownError' | 'coverage'> {
  return {
    error: rootMeanSquare(estimates.map((e) => e.value - truth)),
    ownError: rootMeanSquare(estimates.map((e) => e.standardError ?? NaN)),
    coverage: mean(estimates.map((e) => (covers(e.value, e.standardError ?? 0, truth) ? 1 : 0))),
  };
}

const proposals = ({ results }: SeededRuns): number => results.reduce((sum, r) => sum + r.diagnostics.modelCalls, 0);

/** Texts of the prior in each second, or particles: what the engine asked the prior for. */
export const textRate = (runs: SeededRuns): number => proposals(runs) / runs.seconds;
/** Draws handed out in each second. */
export const drawRate = ({ results, seconds }: SeededRuns): number =>
  results.reduce((sum, r) => sum + r.draws.length, 0) / seconds;

/** The figures of log Z, and what a run took. */
export function logZRow(runs: SeededRuns): Row {
  const { setting, results } = runs;
  const estimates = results.flatMap((r) => (r.logZ === null ? [] : [r.logZ]));
  const refused = setting.seeds - estimates.length;
  return {
    ...{ task: setting.posterior, what: setting.what, runs: setting.seeds },
    ...judged(estimates, ANSWERS[setting.posterior].logZ),
    modelCalls: proposals(runs) / results.length,
    tokensPerSecond: TEXT_LENGTH * textRate(runs),
    ...(refused === 0 ? {} : { note: `${refused} runs refused as degenerate` }),
  };
}
