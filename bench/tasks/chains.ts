import type { Row } from '../support/row.ts';
import {
  drawRate,
  judged,
  seededRuns,
  textRate,
  trusted,
  type Setting,
  type SeededRuns,
} from '../support/seeded-runs.ts';
import { mean } from '../support/statistics.ts';
import { ANSWERS } from '../support/targets.ts';
import type { Task } from '../support/task.ts';

const setting = (posterior: 'A' | 'B', seeds: number): Setting => ({
  ...{ posterior, engine: 'mh', what: 'mh, 400 draws', draws: 400, options: {}, seeds },
});

/** An expectation against the exact answer; its own error is the Monte Carlo standard error that the chains state. */
function expectationRow({ setting: s, results }: SeededRuns, name: string): Row {
  const estimates = results.flatMap((r) => r.expectations[name] ?? []);
  return {
    ...{ task: s.posterior, what: `${s.what}: ${name}`, runs: s.seeds },
    ...judged(estimates, ANSWERS[s.posterior].expectations[name]),
  };
}

/** Events and scores that are the same for every text of the posterior say nothing about the chains. */
const moving = (posterior: 'A' | 'B') => (posterior === 'A' ? ['hasCC', 'reward'] : ['clean', 'hasCC', 'reward']);

async function chainRows(posterior: 'A' | 'B', seeds: number): Promise<readonly Row[]> {
  const runs = await seededRuns(setting(posterior, seeds));
  const rates: Partial<Row> = {
    verdictOk: trusted(runs),
    drawsPerSecond: drawRate(runs),
    proposalsPerSecond: textRate(runs),
    acceptance: mean(runs.results.map((r) => r.diagnostics.acceptanceRate ?? NaN)),
  };
  return moving(posterior).map((name, k) => ({
    ...expectationRow(runs, name),
    ...(k === 0 ? rates : {}),
  }));
}

export const chains: Task = {
  name: 'mh',
  title: 'Metropolis–Hastings: expectations against the exact ones (draws/s counts draws, proposals/s steps)',
  async rows({ quick }) {
    const seeds = quick ? 5 : 40;
    return [...(await chainRows('A', seeds)), ...(await chainRows('B', seeds))];
  },
};
