import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@postulate/inference';
import { describe, expect, it } from 'vitest';
import { targetOf } from './pipeline.ts';
import { slow } from './slow.ts';

interface Oracle {
  readonly model: Readonly<Record<'tokens' | 'words' | 'bigrams' | 'trigrams', number>>;
  readonly posteriors: Readonly<Record<string, { readonly logZ: number; readonly length: number }>>;
}

const ORACLE = JSON.parse(readFileSync(new URL('../oracle/paris.json', import.meta.url), 'utf8')) as Oracle;
const FILE = (posterior: string) => `
prior = ngram("nlp-corpus", order = 3, max_tokens = 20)
size = length
posterior = ${posterior}
`;

/** Trained once a run, by whichever test comes first (run-cache.ts). */
const cacheDirectory = join(process.env['XDG_CACHE_HOME']!, 'postulate');

describe('the trigram model of nlp-corpus against an independent computation', { timeout: 300_000 }, () => {
  it('has the same words and n-grams', async () => {
    const { prior } = await targetOf(FILE('prior | finished'), 'posterior', { cacheDirectory });
    expect(prior.vocabulary.size).toBe(ORACLE.model.words);
    // All n-grams of the corpus are stored; the start symbol is the one unigram that is not.
    const grams = ORACLE.model.words + 1 + ORACLE.model.bigrams + ORACLE.model.trigrams;
    expect(prior.table!.words.length).toBe(grams);
  });

  // The issue's own example always; the others, at some seconds each, where slow tests are asked for.
  const posteriors = Object.entries(ORACLE.posteriors).filter(([name]) => name !== 'prior');
  for (const [posterior, answer] of slow ? posteriors : posteriors.slice(0, 1))
    it(posterior, async () => {
      const target = await targetOf(FILE(posterior), 'posterior', { cacheDirectory });
      const result = await run(target, { engine: 'exact', draws: 0 });
      expect(Math.abs(result.logZ!.value - answer.logZ)).toBeLessThan(1e-6);
      expect(Math.abs(result.expectations['size']!.value - answer.length)).toBeLessThan(1e-6);
    });
});
