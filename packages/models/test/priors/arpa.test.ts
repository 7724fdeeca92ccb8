import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { arpa, type LanguageModel, packSequences } from '../../src/index.ts';
import { nextContext, probability } from '../../src/priors/table-lookup.ts';
import { seededChooser } from './seeded-chooser.ts';
import { chiSquareRatio, failure, listSequences, temporaryFolder } from './support.ts';

async function load(text: string | Uint8Array, maxTokens = 3, separator = ' '): Promise<LanguageModel> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'm.arpa'), text);
  return arpa(join(folder, 'm.arpa'), 'm.arpa', maxTokens, separator);
}

const log = (p: number): string => (p === 0 ? '-99' : String(Math.log10(p)));

/** Order 2. Left out of `b`'s row: everything; of `<s>`'s: `b`, `</s>` and `<unk>`. */
const BIGRAM = `some comment
\\data\\
ngram 1=5
ngram 2=3

\\1-grams:
${log(0)}\t<s>\t${log(0.5)}
${log(0.2)}\t</s>
${log(0.1)}\t<unk>
${log(0.4)}\ta\t${log(2)}
${log(0.3)}\tb

\\2-grams:
${log(0.6)}\t<s> a
${log(0.25)}\ta a
${log(0.05)}\ta </s>

\\end\\
`;

/** Probabilities after `history`, of a, b, the end. */
function law(model: LanguageModel, ...history: string[]): number[] {
  const table = model.table!;
  let context = table.start;
  for (const word of history) context = nextContext(table, context, model.vocabulary.tokens.indexOf(word));
  return [0, 1, 2].map((word) => probability(table, context, word));
}

function near(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  found.forEach((value, i) => expect(Math.abs(value - expected[i])).toBeLessThan(1e-12));
}

const over = (weights: readonly number[]): number[] => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
};

describe('probabilities', () => {
  test('are those of the hand computation, renormalised without <s> and <unk>', async () => {
    const model = await load(BIGRAM);
    expect(model.vocabulary).toEqual({ size: 2, tokens: ['a', 'b'], separator: ' ' });
    near(law(model), over([0.6, 0.5 * 0.3, 0.5 * 0.2]));
    near(law(model, 'a'), over([0.25, 2 * 0.3, 0.05]));
    near(law(model, 'b'), over([0.4, 0.3, 0.2]));
    near(law(model, 'a', 'b'), over([0.4, 0.3, 0.2]));
  });

  test('do not depend on the tool that wrote the file', async () => {
    const plain = law(await load(BIGRAM), 'a');
    const spaces = BIGRAM.replaceAll('\t', '  ');
    const variants = [
      spaces,
      BIGRAM.replaceAll('\n', '\r\n'),
      `\ufeff${BIGRAM.replace('some comment\n', '')}`,
      BIGRAM.replaceAll(/\t(a|b|<unk>)$/gm, '\t$1\t0'),
      BIGRAM.replace('\\end\\\n', '\\end\\'),
      gzipSync(BIGRAM),
    ];
    for (const variant of variants) near(law(await load(variant), 'a'), plain);
  });

  test('of an order-3 model follow the longest context, and pruned suffixes are backed off through', async () => {
    // "b a" is not stored, yet the trigram "b a b" is, and so is "a b a" whose suffix "b a" is not.
    const model = await load(`\\data\\
ngram 1=4
ngram 2=2
ngram 3=2
\\1-grams:
-99 <s> 0
${log(0.2)} </s>
${log(0.5)} a ${log(0.5)}
${log(0.3)} b ${log(0.25)}
\\2-grams:
${log(0.4)} a b ${log(0.8)}
${log(0.1)} b b ${log(0.7)}
\\3-grams:
${log(0.9)} b a b
${log(0.3)} a b a
\\end\\`);
    const unigram = [0.5, 0.3, 0.2];
    near(law(model), over(unigram));
    const a = [0.5 * 0.5, 0.4, 0.5 * 0.2];
    near(law(model, 'a'), over(a));
    const b = [0.25 * 0.5, 0.1, 0.25 * 0.2];
    near(law(model, 'b'), over(b));
    near(law(model, 'b', 'a'), over([a[0], 0.9, a[2]]));
    near(law(model, 'a', 'b'), over([0.3, 0.8 * b[1], 0.8 * b[2]]));
    near(law(model, 'a', 'b', 'a'), over([a[0], 0.9, a[2]]));
    near(law(model, 'b', 'b'), over([0.7 * b[0], 0.7 * b[1], 0.7 * b[2]]));
    near(law(model, 'b', 'b', 'a'), over([a[0], 0.9, a[2]]));
  });

  test('of an order-1 model need no contexts', async () => {
    const model = await load(`\\data\\\nngram 1=3\n\\1-grams:\n-0.30103 a\n-0.6 b\n-1 </s>\n\\end\\\n`);
    near(law(model, 'a', 'b'), over([10 ** -0.30103, 10 ** -0.6, 0.1]));
    expect(model.table!.contexts).toBe(1);
  });

  test('below -99 are zero, and texts then stop at max_tokens alone', async () => {
    const model = await load(
      BIGRAM.replace(`${log(0.2)}\t</s>`, '-99\t</s>').replace(`${log(0.05)}\ta </s>`, '-120.5 a </s>'),
    );
    const { batch, logProbs } = listSequences(model);
    expect(Array.from(batch.finished)).toEqual(new Array(8).fill(0));
    expect(logProbs.reduce((sum, x) => sum + Math.exp(x), 0)).toBeCloseTo(1, 12);
  });
});

describe('sampling', () => {
  test('follows the model (false-alarm rate 1e-6, fixed seed) and says the same log-probabilities as logProb', async () => {
    const model = await load(BIGRAM, 4);
    const drawn = await model.sample(40_000, seededChooser(5));
    expect(chiSquareRatio(model, drawn)).toBeLessThan(1);
    const again = (await model.logProb(drawn)) as Float64Array;
    drawn.logProbs.forEach((value, i) => expect(Math.abs(value - again[i])).toBeLessThan(1e-12));
  });

  test('gives impossible sequences probability zero', async () => {
    const model = await load(BIGRAM);
    const batch = packSequences(
      [[0], [0, 0, 0], [0, 0, 0], [7, 0, 0], [0, 0, 0, 0]],
      [false, true, false, false, false],
    );
    const logProbs = Array.from((await model.logProb(batch)) as Float64Array);
    expect(logProbs.map((x) => x === -Infinity)).toEqual([true, true, false, true, true]);
  });
});

describe('malformed files are P501 with the line', () => {
  const line = (text: string): number => BIGRAM.split('\n').findIndex((l) => l.startsWith(text)) + 1;
  const cases: readonly [string, string, string][] = [
    ['no header', 'just\ntext\n', 'P501: m.arpa:2: there is no line "\\data\\", so this is no ARPA file.'],
    [
      'cut off',
      BIGRAM.slice(0, BIGRAM.indexOf('\\end')),
      `P501: m.arpa:17: the file ends without "\\end\\"; it may have been cut off.`,
    ],
    [
      'too few n-grams',
      BIGRAM.replace('ngram 2=3', 'ngram 2=4'),
      `P501: m.arpa:${line('\\end')}: the header announces 4 n-grams of order 2, but there are 3.`,
    ],
    [
      'too many n-grams',
      BIGRAM.replace('ngram 1=5', 'ngram 1=4'),
      `P501: m.arpa:${line('\\2-grams')}: the header announces 4 n-grams of order 1, but there are 5.`,
    ],
    [
      'gap in the header',
      BIGRAM.replace('ngram 2=3', 'ngram 3=3'),
      'P501: m.arpa:4: expected the count of order 2, found that of order 3.',
    ],
    [
      'gap in the sections',
      BIGRAM.replace('\\2-grams', '\\3-grams'),
      `P501: m.arpa:${line('\\2-grams')}: expected "\\2-grams:", found "\\3-grams:".`,
    ],
    [
      'order not announced',
      BIGRAM.replace('ngram 2=3\n', ''),
      `P501: m.arpa:${line('\\2-grams') - 1}: the header announces no n-grams of order 2.`,
    ],
    [
      'missing section',
      BIGRAM.replace(/\\2-grams:[^\\]*/, ''),
      `P501: m.arpa:${line('\\2-grams')}: there is no section "\\2-grams:".`,
    ],
    [
      'strange line',
      BIGRAM.replace('\\2-grams:', '\\bigrams:'),
      `P501: m.arpa:${line('\\2-grams')}: expected an n-gram, "\\2-grams:" or "\\end\\", found "\\bigrams:".`,
    ],
    [
      'bad header line',
      BIGRAM.replace('ngram 2=3', 'ngram two'),
      'P501: m.arpa:4: expected a line like "ngram 1=100", found "ngram two".',
    ],
    [
      'NaN',
      BIGRAM.replace(`${log(0.25)}\ta a`, 'nan\ta a'),
      `P501: m.arpa:${line(`${log(0.25)}\ta a`)}: "nan" is not a log-probability.`,
    ],
    [
      'NaN back-off',
      BIGRAM.replace(`a\t${log(2)}`, 'a\tNaN'),
      `P501: m.arpa:${line(`${log(0.4)}\ta`)}: "NaN" is not a back-off weight.`,
    ],
    [
      'above one',
      BIGRAM.replace(`${log(0.25)}\ta a`, '0.25\ta a'),
      `P501: m.arpa:${line(`${log(0.25)}\ta a`)}: the log-probability 0.25 is above 0.`,
    ],
    [
      'unknown word',
      BIGRAM.replace('\ta a', '\ta zebra'),
      `P501: m.arpa:${line(`${log(0.25)}\ta a`)}: the word "zebra" is not among the 1-grams.`,
    ],
    [
      'too few fields',
      BIGRAM.replace('\ta a', '\ta'),
      `P501: m.arpa:${line(`${log(0.25)}\ta a`)}: expected a log-probability, 2 word(s) and at most one back-off weight, found 2 fields.`,
    ],
    [
      '1-gram twice',
      BIGRAM.replace(`${log(0.3)}\tb`, `${log(0.3)}\ta`),
      `P501: m.arpa:${line(`${log(0.3)}\tb`)}: this n-gram was given before.`,
    ],
    [
      'n-gram twice',
      BIGRAM.replace('\ta </s>', '\ta a'),
      `P501: m.arpa:${line(`${log(0.05)}\ta </s>`)}: this n-gram was given before.`,
    ],
    [
      'no words',
      '\\data\\\nngram 1=1\n\\1-grams:\n-1 </s>\n\\end\\\n',
      'P501: m.arpa:5: the model has no words that could be generated.',
    ],
  ];
  test.each(cases)('%s', async (_name, text, message) => {
    expect(await failure(() => load(text))).toBe(message);
  });

  test('a word that is not UTF-8', async () => {
    const bytes = Buffer.from(BIGRAM.replace('\tb', '\t\u00ff'), 'latin1');
    expect(await failure(() => load(bytes))).toBe(
      `P501: m.arpa:${line(`${log(0.3)}\tb`)}: the word is not valid UTF-8; convert the file to UTF-8.`,
    );
  });

  test('a context without a possible token', async () => {
    const text = `\\data\\\nngram 1=3\nngram 2=1\n\\1-grams:\n-99 <s> 0\n-0.3 a -99\n-0.3 </s>\n\\2-grams:\n-99 a a\n\\end\\\n`;
    expect(await failure(() => load(text))).toBe(
      'P501: m.arpa:10: the model has a context after which every token has probability zero.',
    );
  });

  test('a gzip file cut off', async () => {
    expect(await failure(() => load(gzipSync(BIGRAM).subarray(0, 60)))).toMatch(
      /^P501: m\.arpa: the gzip file is damaged or cut off/,
    );
  });

  test('a missing file', async () => {
    expect(await failure(() => arpa('/nowhere/x.arpa', 'x.arpa', 3))).toBe(
      'P500: cannot read the ARPA file "x.arpa": there is no such file. Paths are relative to the .post file.',
    );
  });
});
