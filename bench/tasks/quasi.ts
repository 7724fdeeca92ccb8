import { withinError } from '../support/goals.ts';
import { quasiTruth } from '../support/quasi-truth.ts';
import type { Row } from '../support/row.ts';
import { drawRate, judged, logZRow, seededRuns, textRate, type Setting } from '../support/seeded-runs.ts';
import { mean } from '../support/statistics.ts';
import type { Task } from '../support/task.ts';

const THRESHOLD = 1e4;

export const qrsSetting = (draws: number, seeds: number): Setting => ({
  ...{ posterior: 'B', engine: 'qrs', what: `qrs, threshold 1e4, ${draws} draws`, draws },
  ...{ options: { threshold: THRESHOLD }, seeds },
});

export const quasi: Task = {
  name: 'qrs',
  title: 'Quasi-rejection at a threshold below the largest weights (draws/s counts accepted draws)',
  async rows({ quick }) {
    const runs = await seededRuns(qrsSetting(1000, quick ? 5 : 50));
    const { what } = runs.setting;
    const truth = quasiTruth(THRESHOLD);
    const distances = runs.results.map((r) => r.details?.divergences?.['tv'] ?? { value: NaN, standardError: NaN });
    const totalVariation = mean(distances.map((e) => e.value));
    const own = judged(distances, truth.totalVariation);
    const acceptance = mean(runs.results.map((r) => r.diagnostics.acceptanceRate ?? NaN));
    const rates: Partial<Row> = { drawsPerSecond: drawRate(runs), proposalsPerSecond: textRate(runs) };
    return [
      {
        ...logZRow(runs),
        what: `${what}: log Z`,
        ...rates,
        acceptance,
        note: `exact acceptance ${(100 * truth.acceptance).toFixed(2)}%`,
      },
      {
        ...{ task: 'B', what: `${what}: TV`, runs: runs.setting.seeds, totalVariation, ...own },
        ...withinError('TV', totalVariation, own.ownError ?? NaN, truth.totalVariation),
      },
    ];
  },
};
