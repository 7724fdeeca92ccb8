import { run } from '@postulate/inference';
import { covers } from '@postulate/testing';
import type { Row } from '../support/row.ts';
import { mean, rootMeanSquare, timed } from '../support/statistics.ts';
import { ANSWERS, markov6 } from '../support/targets.ts';
import type { Task } from '../support/task.ts';

interface Setting {
  readonly posterior: 'A' | 'B';
  readonly engine: string;
  readonly what: string;
  readonly draws: number;
  readonly options: Readonly<Record<string, number | boolean | string>>;
  readonly seeds: number;
}

/** Many seeded runs of one setting: errors of log Z against the exact answer and against the engine's own error bar. */
async function sampledRow({ posterior, engine, what, draws, options, seeds }: Setting): Promise<Row> {
  const target = await markov6(posterior);
  const truth = ANSWERS[posterior].logZ;
  const request = (seed: number) => ({ engine, options, draws, seed: `bench ${seed}`, budget: Infinity });
  await run(target, request(-1));
  const errors: number[] = [];
  const own: number[] = [];
  const calls: number[] = [];
  const acceptance: number[] = [];
  let covered = 0;
  let failed = 0;
  const [seconds] = await timed(async () => {
    for (let seed = 0; seed < seeds; seed++) {
      const result = await run(target, request(seed)).catch(() => undefined);
      const logZ = result?.logZ;
      if (result === undefined || logZ === undefined || logZ === null) {
        failed++;
        continue;
      }
      errors.push(logZ.value - truth);
      own.push(logZ.standardError ?? NaN);
      if (covers(logZ.value, logZ.standardError ?? 0, truth)) covered++;
      calls.push(result.diagnostics.modelCalls);
      if (result.diagnostics.acceptanceRate !== null) acceptance.push(result.diagnostics.acceptanceRate);
    }
  });
  const perSecond = (engine === 'rejection' ? draws * seeds : mean(calls) * calls.length) / seconds;
  return {
    ...{ task: posterior, what, runs: seeds },
    ...{ error: rootMeanSquare(errors), ownError: rootMeanSquare(own), coverage: covered / seeds },
    ...{ modelCalls: mean(calls), drawsPerSecond: perSecond },
    ...(acceptance.length === 0 ? {} : { acceptance: mean(acceptance) }),
    ...(failed === 0 ? {} : { note: `${failed} runs refused as degenerate` }),
  };
}

const importance = (posterior: 'A' | 'B', proposals: number, seeds: number): Setting => ({
  ...{ posterior, engine: 'importance', what: `importance, N = ${proposals}`, draws: 0 },
  ...{ options: { proposals }, seeds },
});

const rejectionA = (draws: number, seeds: number): Setting => ({
  ...{ posterior: 'A', engine: 'rejection', what: `rejection, ${draws} draws`, draws, options: {}, seeds },
});

const rowsOf = async (settings: readonly Setting[]): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (const setting of settings) rows.push(await sampledRow(setting));
  return rows;
};

export const rejection: Task = {
  name: 'rejection',
  title: 'Rejection (draws/s counts accepted draws)',
  rows: ({ quick }) => rowsOf([rejectionA(100, quick ? 50 : 400), rejectionA(50_000, quick ? 2 : 10)]),
};

export const importanceSampling: Task = {
  name: 'importance',
  title: 'Importance sampling from the prior (draws/s counts proposals)',
  rows: ({ quick }) =>
    rowsOf(
      (['A', 'B'] as const).flatMap((p) =>
        [10, 100, 1000, 10_000].map((n) => importance(p, n, quick ? 50 : n > 1000 ? 100 : 400)),
      ),
    ),
};
