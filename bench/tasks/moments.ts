import { fitMoments, fitMomentsOnSample, seededChooser, type Target } from '@postulate/inference';
import { textBatch } from '@postulate/models';
import { atMost } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import { judged } from '../support/seeded-runs.ts';
import { median, timed } from '../support/statistics.ts';
import { ANSWERS, markov6, TEXT_LENGTH } from '../support/targets.ts';
import type { Task } from '../support/task.ts';

const LAMBDA = ANSWERS.C.lambda![0];
const SECOND = 1;

/** On a fresh target each time, whose automata are made anew. */
async function exactFit(rounds: number): Promise<Row> {
  const seconds: number[] = [];
  let error = NaN;
  for (let i = 0; i < rounds; i++) {
    const target = await markov6('C');
    const [time, fitted] = await timed(() => fitMoments(target));
    seconds.push(time);
    if ('reason' in fitted) throw new Error(fitted.reason);
    error = Math.abs(fitted.lambda![0] - LAMBDA);
  }
  return {
    ...{ task: 'C', what: 'lambda, exact', runs: rounds, error, seconds: median(seconds) },
    ...atMost('seconds', median(seconds), SECOND),
  };
}

/** λ from independent draws of the prior alone, as a system must that cannot enumerate. */
async function fitOnDraws(target: Target, draws: number, seed: number) {
  const [{ function: event, relation, value }] = target.stages[0].moments;
  const sampled = await target.prior.sample(draws, seededChooser(`bench ${seed}`));
  const values = await event.values(textBatch(target.prior.vocabulary, sampled));
  const goal = { name: event.name, kind: event.kind, relation, value };
  const fit = await fitMomentsOnSample(values, new Float64Array(draws), [goal]);
  return { value: fit.lambda[0], standardError: fit.standardErrors[0] };
}

async function sampleFit(draws: number, seeds: number): Promise<Row> {
  const target = await markov6('C');
  await fitOnDraws(target, draws, -1);
  const estimates: { value: number; standardError: number }[] = [];
  const [seconds] = await timed(async () => {
    for (let seed = 0; seed < seeds; seed++) estimates.push(await fitOnDraws(target, draws, seed));
  });
  return {
    ...{ task: 'C', what: `lambda, ${draws} draws of the prior`, runs: seeds, seconds: seconds / seeds },
    ...judged(estimates, LAMBDA),
    proposalsPerSecond: (draws * seeds) / seconds,
    tokensPerSecond: (TEXT_LENGTH * draws * seeds) / seconds,
  };
}

export const moments: Task = {
  name: 'moments',
  title: 'The moment of C: lambda against the exact one (seconds are those of one fit)',
  rows: async ({ quick }) => [
    await exactFit(quick ? 1 : 5),
    await sampleFit(512, quick ? 50 : 400),
    await sampleFit(8192, quick ? 10 : 100),
  ],
};
