import { fail } from '@postulate/graph';
import { splitLines } from './text-file.ts';

/** Weights from a JSON object, or from lines `word number` parted by a tab or spaces. P307 with the line otherwise. */
export function parseWeights(text: string, name: string): ReadonlyMap<string, number> {
  return text.trimStart().startsWith('{') ? fromJson(text, name) : fromLines(text, name);
}

function fromJson(text: string, name: string): ReadonlyMap<string, number> {
  let parsed: object;
  try {
    parsed = JSON.parse(text) as object;
  } catch (cause) {
    throw fail('P307', `the lexicon "${name}" begins like JSON but is not: ${(cause as Error).message}.`, {
      kind: 'outside',
      cause,
    });
  }
  return new Map(
    Object.entries(parsed).map(([word, value]: [string, unknown]) => {
      if (typeof value === 'number' && Number.isFinite(value)) return [word, value];
      throw fail(
        'P307',
        `the lexicon "${name}" gives "${word}" ${JSON.stringify(value)}; weights are finite numbers.`,
        {
          kind: 'outside',
        },
      );
    }),
  );
}

function fromLines(text: string, name: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>();
  splitLines(text).forEach((line, i) => {
    if (line.trim() === '') return;
    const match = /^\s*(.*\S)[ \t]+([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*$/.exec(line);
    if (match === null) {
      throw fail('P307', `${name}:${i + 1}: expected a word, a tab or spaces, and a finite number.`, {
        kind: 'outside',
      });
    }
    weights.set(match[1], Number(match[2]));
  });
  return weights;
}
