import { seededChooser } from '@postulate/inference';
import type { LanguageModel } from '@postulate/models';
import { atLeast } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import { median, timed } from '../support/statistics.ts';
import { data, root } from '../support/paths.ts';
import { targetOf } from '../support/targets.ts';
import type { Task } from '../support/task.ts';

const TRIGRAM = 'prior = ngram("nlp-corpus", order = 3, max_tokens = 20)\np = prior | finished\n';
const MARKOV = 'prior = arpa("markov6.arpa", max_tokens = 8, separator = "")\np = prior | contains("c")\n';

/** Median over rounds of tokens per second, the first round (compilation, sampler tables) left out. */
async function sampleRow(
  what: string,
  model: LanguageModel,
  { draws, rounds, least }: { draws: number; rounds: number; least: number },
): Promise<Row> {
  const rates: { tokens: number; draws: number }[] = [];
  for (let i = 0; i <= rounds; i++) {
    const [seconds, batch] = await timed(() => model.sample(draws, seededChooser(`bench ${i}`)));
    if (i > 0) rates.push({ tokens: batch.tokens.length / seconds, draws: draws / seconds });
  }
  const tokensPerSecond = median(rates.map((r) => r.tokens));
  return {
    ...{ task: 'sampling', what, runs: rounds, drawsPerSecond: median(rates.map((r) => r.draws)), tokensPerSecond },
    ...atLeast('tokens/s', tokensPerSecond, least),
  };
}

export const sampling: Task = {
  name: 'sampling',
  title: 'Independent draws of a prior, one core',
  async rows({ quick }) {
    const rounds = quick ? 2 : 7;
    const markov = (await targetOf(MARKOV, data, 'p')).prior;
    const trigram = (await targetOf(TRIGRAM, root, 'p')).prior;
    return [
      await sampleRow('markov6', markov, { draws: quick ? 50_000 : 200_000, rounds, least: 1e6 }),
      await sampleRow('nlp-corpus trigram', trigram, { draws: quick ? 5_000 : 20_000, rounds, least: 2e5 }),
    ];
  },
};
