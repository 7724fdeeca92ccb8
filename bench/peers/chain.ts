import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { data } from '../support/paths.ts';

/** The Markov chain of `markov6.arpa` as plain numbers, for systems that take rows rather than a file. */
export interface Chain {
  readonly letters: readonly string[];
  readonly length: number;
  /** Law of the first letter. */
  readonly first: readonly number[];
  /** Law of the second letter after the first. */
  readonly second: readonly (readonly number[])[];
  /** Law of each further letter after the two before it. */
  readonly third: readonly (readonly (readonly number[])[])[];
}

const LETTERS = [...'abcdef'];

const normalised = (row: readonly number[]): readonly number[] => {
  const sum = row.reduce((a, b) => a + b, 0);
  return row.map((p) => p / sum);
};

/** Reads the file by its lines, without this project's own reader, so that peers do not depend on that. */
export function markovChain(): Chain {
  const probability = new Map<string, number>();
  for (const line of readFileSync(join(data, 'markov6.arpa'), 'utf8').split('\n')) {
    const [log10, words] = line.split('\t');
    if (words !== undefined) probability.set(words, 10 ** Number(log10));
  }
  const law = (context: string) => normalised(LETTERS.map((w) => probability.get(`${context} ${w}`) ?? 0));
  return {
    letters: LETTERS,
    length: 8,
    first: law('<s>'),
    second: LETTERS.map((a) => law(`<s> ${a}`)),
    third: LETTERS.map((a) => LETTERS.map((b) => law(`${a} ${b}`))),
  };
}
