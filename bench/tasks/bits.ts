import { join } from 'node:path';
import { createData, type LanguageModel, packSequences } from '@postulate/models';
import { fastEncoder, LM_RECIPE, splitTexts, type Split, type TokenizerJson } from '@postulate/models/neural';
import { readFileSync } from 'node:fs';
import { characterGram } from '../support/character-gram.ts';
import { atMost } from '../support/goals.ts';
import { root } from '../support/paths.ts';
import type { Row } from '../support/row.ts';
import { timed } from '../support/statistics.ts';
import { targetOf } from '../support/targets.ts';
import type { Task } from '../support/task.ts';

/** What the shipped model may cost, bits a byte; and it must cost less than characters by six. */
const MOST_BITS = 1.9;
const ORDERS = [4, 5, 6, 7, 8];
const RIVAL = 6;
/** Tokens that the shipped model reads; longer texts are none of its texts. */
const POSITIONS = 256;
const SHIPPED = join(root, 'packages', 'models', 'tiny-english');
const PRIOR = `prior = lm("./packages/models/tiny-english", max_tokens = ${POSITIONS - 1})\np = prior | finished\n`;

/** The split of `post train-lm nlp-corpus`. */
async function corpusSplit(): Promise<Split> {
  const texts = (await createData({ directory: root }).corpus('nlp-corpus')).filter((text) => text.trim() !== '');
  return splitTexts(texts, LM_RECIPE.heldOut);
}

/** −Σ log₂ p of texts in the tokens of the tokenizer, their ends included: other spellings of a text are left out. */
async function modelBits(model: LanguageModel, texts: readonly string[]): Promise<number> {
  const tokenizer = JSON.parse(readFileSync(join(SHIPPED, 'tokenizer.json'), 'utf8')) as TokenizerJson;
  const encoded = texts.map(fastEncoder(tokenizer));
  const logProbs = await model.logProb(packSequences(encoded, encoded.map(() => true))); // prettier-ignore
  return -logProbs.reduce((sum, x) => sum + x, 0) / Math.LN2;
}

/** UTF-8 bytes of the texts as a file of lines. */
const bytesOf = (texts: readonly string[]): number => texts.reduce((sum, t) => sum + Buffer.byteLength(t) + 1, 0);

async function gramRow({ training, heldOut }: Split, order: number): Promise<Row> {
  const [seconds, bits] = await timed(async () => (await characterGram(training, order)).bits(heldOut));
  const what = `characters, order ${order}, interpolated Kneser–Ney`;
  return { task: 'bits', what, bitsPerByte: bits / bytesOf(heldOut), seconds };
}

export const bits: Task = {
  name: 'bits',
  title: 'Held-out texts of nlp-corpus, bits a byte; seconds with training, of the shipped model without',
  async rows({ quick }) {
    const split = await corpusSplit();
    const grams: Row[] = [];
    for (const order of quick ? [RIVAL] : ORDERS) grams.push(await gramRow(split, order));
    const { prior } = await targetOf(PRIOR, root, 'p');
    const [seconds, total] = await timed(() => modelBits(prior, split.heldOut));
    const bitsPerByte = total / bytesOf(split.heldOut);
    const rival = grams.find(({ what }) => what.includes(`order ${RIVAL},`))?.bitsPerByte ?? NaN;
    const shipped: Row = { task: 'bits', what: 'tiny-english', bitsPerByte, seconds };
    return [
      ...grams,
      { ...shipped, ...atMost('bits/byte', bitsPerByte, MOST_BITS) },
      { ...shipped, what: `tiny-english against order ${RIVAL}`, ...atMost('bits/byte', bitsPerByte, rival) },
    ];
  },
};
