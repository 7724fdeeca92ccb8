import { fail } from '@postulate/graph';
import type { BackoffTable, LanguageModel } from '../port/index.ts';
import { contentId } from './content-id.ts';
import { tableModel } from './table-model.ts';

/** Row name → (token → probability), in the order of the file. */
export type BigramRows = readonly (readonly [string, readonly (readonly [string, number])[]])[];

const START = '^';
const END = '$';
const SUM_TOLERANCE = 1e-9;

/**
 * A Markov chain given in full: row `^` is the law of the first token, the entry `$` of a row ends the sequence.
 * Tokens are numbered by first appearance, row names first. Errors: P302 for a row whose sum is further than 1e-9 from 1 (rows
 * within that are divided by their sum), P303 for an entry that is not a probability or a misplaced `^` or `$`,
 * P307 for a missing row.
 */
export function bigram(rows: BigramRows, maxTokens: number, separator = ''): LanguageModel {
  rows.forEach(checkRow);
  const tokens = tokensOf(rows);
  const byName = new Map(rows);
  if (!byName.has(START)) throw fail('P307', 'bigram needs a row "^" with the probabilities of the first token.');
  checkReachable(byName, maxTokens);
  return tableModel({
    id: contentId('bigram', rows, maxTokens, separator),
    vocabulary: { size: tokens.length, tokens, separator },
    maxTokens,
    table: chainTable(byName, tokens),
  });
}

function checkRow([name, entries]: BigramRows[number]): void {
  if (name === END) throw fail('P303', 'bigram has a row "$", but nothing follows the end of a text. Remove the row.');
  let sum = 0;
  for (const [token, value] of entries) {
    if (token === START) throw fail('P303', `row "${name}" of bigram leads to "^", but no text can start again.`);
    if (!(value >= 0) || value === Infinity) {
      throw fail('P303', `row "${name}" of bigram gives "${token}" ${value}; a probability is at least 0.`);
    }
    sum += value;
  }
  if (Math.abs(sum - 1) > SUM_TOLERANCE) {
    throw fail('P302', `row "${name}" of bigram sums to ${Number(sum.toPrecision(12))}, not to 1.`);
  }
}

function tokensOf(rows: BigramRows): readonly string[] {
  const names = new Set(rows.flatMap(([name, entries]) => [name, ...entries.map(([token]) => token)]));
  names.delete(START);
  names.delete(END);
  return [...names];
}

/** Every token that a text can hold before its last place needs a row. */
function checkReachable(rows: ReadonlyMap<string, BigramRows[number][1]>, maxTokens: number): void {
  const seen = new Set([START]);
  let frontier = [START];
  for (let length = 0; length < maxTokens && frontier.length > 0; length++) {
    const next: string[] = [];
    for (const name of frontier) {
      const row = rows.get(name);
      if (row === undefined) {
        throw fail('P307', `bigram can reach the token "${name}", but has no row for it.`, {
          help: `add a row "${name}" that says what follows it, such as {"$": 1}.`,
        });
      }
      for (const [token, value] of row) {
        if (value > 0 && token !== END && !seen.has(token)) {
          seen.add(token);
          next.push(token);
        }
      }
    }
    frontier = next;
  }
}

/** Context 0 is `^`, context t + 1 is "after token t"; a token without a row has an empty one. */
function chainTable(rows: ReadonlyMap<string, BigramRows[number][1]>, tokens: readonly string[]): BackoffTable {
  const idOf = new Map(tokens.map((token, id) => [token, id]));
  const size = tokens.length;
  const rowStart = [0];
  const words: number[] = [];
  const probs: number[] = [];
  for (const name of [START, ...tokens]) {
    const entries = (rows.get(name) ?? []).filter(([, value]) => value > 0);
    const sum = entries.reduce((total, [, value]) => total + value, 0);
    const numbered = entries.map(([token, value]) => [idOf.get(token) ?? size, value / sum] as const);
    for (const [word, value] of numbered.sort((a, b) => a[0] - b[0])) {
      words.push(word);
      probs.push(value);
    }
    rowStart.push(words.length);
  }
  return {
    vocabularySize: size,
    contexts: size + 1,
    start: 0,
    rowStart: Int32Array.from(rowStart),
    words: Int32Array.from(words),
    probs: Float64Array.from(probs),
    targets: Int32Array.from(words, (word) => (word === size ? -1 : word + 1)),
    backoff: new Float64Array(size + 1),
    parent: new Int32Array(size + 1).fill(-1),
    norm: undefined,
    interpolated: true,
  };
}
