import type { Chooser, LanguageModel, SequenceBatch } from '@postulate/models';
import type { LawRows, Preparing } from '../port/index.ts';
import { tellSlowly } from '../twists/tell-slowly.ts';
import type { Twist } from '../twists/index.ts';
import { aheadRows } from './ahead-rows.ts';

/** Texts of the prior that a twist is tried on. */
export const DOUBT_TEXTS = 512;
/** How many of them at once. */
const TOGETHER = 32;
/** Surprises are cut off here, nats: one text is not to speak for a token. */
const MOST = 1;

/**
 * How far off ψ is after each token: the root mean square, over texts of the prior, of E[ψ(s v u) | s v] / ψ(s v) − 1, by v. A twist from a
 * table that stands for the prior is wrong where more than the last tokens matter, and that is after some tokens more than after others.
 */
export async function doubtsOf(
  prior: LanguageModel,
  twist: Twist,
  depth: number,
  chooser: Chooser,
  { signal, tell }: Preparing = {},
): Promise<Float64Array> {
  const size = prior.vocabulary.size;
  const [sums, counts] = [new Float64Array(size), new Float64Array(size)];
  const say = tellSlowly(tell);
  for (let k = 0; k < DOUBT_TEXTS / TOGETHER; k++) {
    signal?.throwIfAborted();
    say(() => `a look-ahead: ${k * TOGETHER} of ${DOUBT_TEXTS} texts of the prior`);
    const batch = await prior.sample(TOGETHER, chooser.split(k));
    addSurprises(batch, await aheadRows(prior, twist, batch, { depth }), sums, counts);
  }
  return sums.map((sum, v) => Math.sqrt(sum / (counts[v] + 1)));
}

/** Of every token that has a choice behind it: what is known of log γ/c after it beyond what was known before. */
function addSurprises(
  { size, tokens, offsets, finished }: SequenceBatch,
  { known }: LawRows,
  sums: Float64Array,
  counts: Float64Array,
): void {
  if (known === undefined) return;
  let at = 0;
  for (let i = 0; i < size; i++) {
    const choices = offsets[i + 1] - offsets[i] + finished[i];
    for (let j = 0; j + 1 < choices; j++) {
      const surprise = Math.max(-MOST, Math.min(MOST, known[at + j + 1] - known[at + j]));
      const token = tokens[offsets[i] + j];
      sums[token] += Math.expm1(surprise) ** 2;
      counts[token]++;
    }
    at += choices;
  }
}
