import type { Row } from '../support/row.ts';
import { drawRate, logZRow, seededRuns, textRate, type Setting } from '../support/seeded-runs.ts';
import { mean } from '../support/statistics.ts';
import type { Task } from '../support/task.ts';

const importance = (posterior: 'A' | 'B', proposals: number, seeds: number): Setting => ({
  ...{ posterior, engine: 'importance', what: `importance, N = ${proposals}`, draws: 0 },
  ...{ options: { proposals }, seeds },
});

export const rejectionA = (draws: number, seeds: number): Setting => ({
  ...{ posterior: 'A', engine: 'rejection', what: `rejection, ${draws} draws`, draws, options: {}, seeds },
});

async function rejectionRow(setting: Setting): Promise<Row> {
  const runs = await seededRuns(setting);
  const acceptance = mean(runs.results.map((r) => r.diagnostics.acceptanceRate ?? NaN));
  return { ...logZRow(runs), acceptance, drawsPerSecond: drawRate(runs), proposalsPerSecond: textRate(runs) };
}

async function importanceRow(setting: Setting): Promise<Row> {
  const runs = await seededRuns(setting);
  return { ...logZRow(runs), proposalsPerSecond: textRate(runs) };
}

export const rejection: Task = {
  name: 'rejection',
  title: 'Rejection (draws/s counts accepted draws)',
  rows: async ({ quick }) => [
    await rejectionRow(rejectionA(100, quick ? 50 : 400)),
    await rejectionRow(rejectionA(50_000, quick ? 2 : 10)),
  ],
};

export const importanceSampling: Task = {
  name: 'importance',
  title: 'Importance sampling from the prior',
  async rows({ quick }) {
    const rows: Row[] = [];
    for (const posterior of ['A', 'B'] as const) {
      for (const n of [10, 100, 1000, 10_000]) {
        rows.push(await importanceRow(importance(posterior, n, quick ? 50 : n > 1000 ? 100 : 400)));
      }
    }
    return rows;
  },
};
