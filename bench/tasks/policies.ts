import { atMost } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import { drawRate, logZRow, seededRuns, textRate, type Setting } from '../support/seeded-runs.ts';
import { mean } from '../support/statistics.ts';
import type { Task } from '../support/task.ts';

const decoding = (posterior: 'A' | 'B', scorer: string, seeds: number): Setting => ({
  ...{ posterior, engine: 'weighted-decoding', what: `weighted-decoding, scorer ${scorer}`, draws: 1000 },
  ...{ options: { scorer }, seeds },
});

const bestOf = (posterior: 'A' | 'B', n: number, seeds: number): Setting => ({
  ...{ posterior, engine: 'best-of-n', what: `best-of-n, n = ${n}`, draws: 1000, options: { n }, seeds },
});

/** These draw from laws of their own: how far from the posterior, where they can tell, and what they say of its log Z. */
async function policyRow(setting: Setting, limit?: number): Promise<Row> {
  const runs = await seededRuns(setting);
  const distances = runs.results.flatMap((r) => r.details?.divergences?.['tv']?.value ?? []);
  const row = logZRow(runs);
  return {
    ...row,
    ...(distances.length === 0 ? {} : { totalVariation: mean(distances) }),
    ...{ drawsPerSecond: drawRate(runs), proposalsPerSecond: textRate(runs) },
    ...(limit === undefined ? {} : atMost('error', row.error ?? NaN, limit)),
  };
}

export const policies: Task = {
  name: 'policies',
  title: 'Engines with a law of their own, 1,000 draws a run',
  async rows({ quick }) {
    const seeds = quick ? 5 : 50;
    const rows: Row[] = [];
    for (const posterior of ['A', 'B'] as const) {
      rows.push(await policyRow(decoding(posterior, 'prefix', seeds)));
      rows.push(await policyRow(decoding(posterior, 'lookahead', seeds), 1e-10));
      rows.push(await policyRow(bestOf(posterior, 16, seeds)));
    }
    return rows;
  },
};
