import { run, type Target } from '@postulate/inference';
import { atMost } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import { median, timed } from '../support/statistics.ts';
import { ANSWERS, markov6 } from '../support/targets.ts';
import type { Task } from '../support/task.ts';

const DRAWS = 10_000;

const request = (draws: number) => ({ engine: 'exact', options: {}, draws, seed: 'bench', budget: Infinity });

/** A fresh target each time: machines and tables that a target keeps would otherwise be free after the first run. */
async function timedRuns(posterior: 'A' | 'B' | 'C', draws: number, rounds: number) {
  const seconds: number[] = [];
  let last: Awaited<ReturnType<typeof run>> | undefined;
  for (let i = 0; i < rounds; i++) {
    const target: Target = await markov6(posterior);
    const [time, result] = await timed(() => run(target, request(draws)));
    seconds.push(time);
    last = result;
  }
  return { seconds: median(seconds), result: last! };
}

async function exactRow(posterior: 'A' | 'B' | 'C', rounds: number): Promise<Row> {
  const answer = ANSWERS[posterior];
  const figures = await timedRuns(posterior, 0, rounds);
  const drawn = await timedRuns(posterior, DRAWS, rounds);
  const lambda = figures.result.lambda?.[0];
  return {
    ...{ task: posterior, what: 'exact', runs: rounds },
    error: Math.abs(figures.result.logZ!.value - answer.logZ),
    seconds: figures.seconds,
    ...atMost('seconds', figures.seconds, 1),
    drawsPerSecond: DRAWS / Math.max(1e-9, drawn.seconds - figures.seconds),
    ...(lambda === undefined ? {} : { note: `error of lambda ${Math.abs(lambda - answer.lambda![0]).toPrecision(3)}` }),
  };
}

export const exact: Task = {
  name: 'exact',
  title: 'The exact engine against enumeration of all 1,679,616 sequences',
  async rows({ quick }) {
    const rows: Row[] = [];
    for (const posterior of ['A', 'B', 'C'] as const) rows.push(await exactRow(posterior, quick ? 1 : 5));
    return rows;
  },
};
