import { bestQuotedRate } from '../peers/quoted.ts';
import { atLeast, atMost, type Goal } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import { logZRow, seededRuns, textRate, type Setting } from '../support/seeded-runs.ts';
import type { Task } from '../support/task.ts';

type Posterior = 'A' | 'B';
type Limits = Readonly<Record<string, number>>;

/** Weights are constant under the exact look-ahead: what is left is rounding. */
const ROUNDING = 1e-10;
/** Most error of one run of `N` particles, by posterior and option; locally optimal proposals reach 0.13 on B. */
const SMC_LIMITS: Limits = {
  'A lookahead 10': ROUNDING,
  'A lookahead 100': ROUNDING,
  'B lookahead 10': ROUNDING,
  'B lookahead 100': ROUNDING,
  'B prefix 100': 0.14,
};
const AWRS_LIMITS: Limits = { 'A 100': 0.036 };
const TIMES_THE_BEST_PEER = 10;

/** One run of N particles, as other systems are quoted. */
export const smcSetting = (posterior: Posterior, twist: string, particles: number, seeds: number): Setting => ({
  ...{ posterior, engine: 'smc', what: `smc, twist ${twist}, N = ${particles}`, draws: 0 },
  ...{ options: { particles, twist, runs: 1 }, seeds },
});

export const awrsSetting = (remember: boolean, particles: number, seeds: number): Setting => ({
  ...{ posterior: 'A', engine: 'awrs', draws: 0, options: { particles, remember, runs: 1 }, seeds },
  what: `awrs, ${remember ? 'verdicts kept' : 'as published'}, N = ${particles}`,
});

/** The engine as it is by default: 32 runs and more, whose spread is the error bar. */
const byDefault = (posterior: Posterior, engine: string, options: Setting['options'], seeds: number): Setting => ({
  ...{ posterior, engine, draws: 0, options, seeds },
  what: `${engine}${options['twist'] === undefined ? '' : `, twist ${String(options['twist'])}`}, 32 runs of N = 100`,
});

function goalOf(row: Row, limit: number | undefined, rate: number, peer: number | undefined): Partial<Goal> {
  if (limit !== undefined) return atMost('error', row.error ?? NaN, limit);
  return peer === undefined ? {} : atLeast('draws/s', rate, TIMES_THE_BEST_PEER * peer);
}

/** `peer` is the best quoted rate where the row is to be held against it. */
async function particleRow(setting: Setting, limit?: number, peer?: number): Promise<Row> {
  const runs = await seededRuns(setting);
  const row = logZRow(runs);
  const rate = textRate(runs);
  return { ...row, drawsPerSecond: rate, ...goalOf(row, limit, rate, peer) };
}

/** So many that the error of the error itself, 1 / √(2 · seeds) of it, leaves a limit that is near to it decided. */
const seedsOf = (quick: boolean): number => (quick ? 200 : 1000);
const SIZES = [10, 100] as const;
const TWISTS = ['none', 'prefix', 'lookahead'] as const;

export const smc: Task = {
  name: 'smc',
  title: 'Sequential Monte Carlo (draws/s counts particles; set-up of the twist included in every run)',
  async rows({ quick }) {
    const seeds = seedsOf(quick);
    const rows: Row[] = [];
    for (const posterior of ['A', 'B'] as const) {
      for (const twist of TWISTS) {
        for (const n of SIZES) {
          const setting = smcSetting(posterior, twist, n, seeds);
          rows.push(await particleRow(setting, SMC_LIMITS[`${posterior} ${twist} ${n}`]));
        }
      }
      const many = byDefault(posterior, 'smc', { twist: 'prefix', runs: 32 }, quick ? 10 : 100);
      rows.push(await particleRow(many, undefined, bestQuotedRate(posterior)));
    }
    return rows;
  },
};

export const awrs: Task = {
  name: 'awrs',
  title: 'Adaptive weighted rejection in sequential Monte Carlo (draws/s counts particles)',
  async rows({ quick }) {
    const rows: Row[] = [];
    for (const remember of [false, true]) {
      for (const n of SIZES) {
        rows.push(await particleRow(awrsSetting(remember, n, seedsOf(quick)), AWRS_LIMITS[`A ${n}`]));
      }
    }
    const many = byDefault('A', 'awrs', { runs: 32 }, quick ? 10 : 100);
    return [...rows, await particleRow(many, undefined, bestQuotedRate('A'))];
  },
};
