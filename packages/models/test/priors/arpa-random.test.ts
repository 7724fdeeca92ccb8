import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { arpa } from '../../src/index.ts';
import { nextContext, probability } from '../../src/priors/table-lookup.ts';
import { seededChooser } from './seeded-chooser.ts';
import { temporaryFolder } from './support.ts';

const WORDS = ['a', 'b', 'c'];
const GENERATED = [...WORDS, '</s>'];

interface Stored {
  readonly log: number;
  readonly backoff: number | undefined;
}

/** Any subset of the n-grams, so that prefixes and suffixes of stored ones may be missing. */
function randomModel(seed: number): { order: number; grams: Map<string, Stored>; text: string } {
  const { uniform } = seededChooser(seed);
  const order = 1 + Math.floor(uniform() * 4);
  const grams = new Map<string, Stored>();
  const sections: string[] = [];
  let histories: string[][] = [[]];
  for (let k = 1; k <= order; k++) {
    const lines: string[] = [];
    for (const history of histories) {
      for (const word of k === 1 ? ['<s>', ...GENERATED, '<unk>'] : [...GENERATED, '<unk>']) {
        if (k > 1 && uniform() < 0.6) continue;
        const log = word === '<s>' || (k > 1 && uniform() < 0.1) ? -99 : Number((-2 * uniform()).toFixed(4));
        const backoff =
          k < order && word !== '</s>' && uniform() < 0.6 ? Number((1 - 2 * uniform()).toFixed(4)) : undefined;
        const gram = [...history, word].join(' ');
        grams.set(gram, { log, backoff });
        lines.push(`${log}\t${gram}${backoff === undefined ? '' : `\t${backoff}`}`);
      }
    }
    lines.sort(() => uniform() - 0.5);
    sections.push(`\\${k}-grams:\n${lines.join('\n')}\n`);
    histories = histories.flatMap((h) => [...(k === 1 ? ['<s>'] : []), ...WORDS, '<unk>'].map((w) => [...h, w]));
  }
  const counts = sections.map((s, k) => `ngram ${k + 1}=${s.trim().split('\n').length - 1}`);
  return { order, grams, text: `\\data\\\n${counts.join('\n')}\n\n${sections.join('\n')}\n\\end\\\n` };
}

/** The definition, by string look-up. */
function raw(grams: ReadonlyMap<string, Stored>, history: readonly string[], word: string): number {
  const stored = grams.get([...history, word].join(' '));
  if (stored !== undefined) return stored.log <= -99 ? 0 : 10 ** stored.log;
  if (history.length === 0) return 0;
  return 10 ** (grams.get(history.join(' '))?.backoff ?? 0) * raw(grams, history.slice(1), word);
}

function allHistories(longest: number): string[][] {
  let last: string[][] = [[]];
  const all = [...last];
  for (let length = 1; length <= longest; length++) {
    last = last.flatMap((h) => WORDS.map((w) => [...h, w]));
    all.push(...last);
  }
  return all;
}

test('any set of n-grams gives the law of its definition after every history, renormalised (60 random files)', async () => {
  const folder = temporaryFolder();
  let merged = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const { order, grams, text } = randomModel(seed);
    writeFileSync(join(folder, 'm.arpa'), text);
    const model = await arpa(join(folder, 'm.arpa'), 'm.arpa', 5);
    const table = model.table!;
    const idOf = (word: string): number =>
      word === '</s>' ? model.vocabulary.size : model.vocabulary.tokens.indexOf(word);
    for (const history of allHistories(4)) {
      const known = ['<s>', ...history].slice(-Math.max(order - 1, 0)).slice(order === 1 ? history.length + 1 : 0);
      const weights = GENERATED.map((word) => raw(grams, known, word));
      const sum = weights.reduce((a, b) => a + b, 0);
      const context = history.reduce((h, word) => nextContext(table, h, idOf(word)), table.start);
      GENERATED.forEach((word, i) => {
        const found = probability(table, context, idOf(word));
        expect(Math.abs(found - weights[i] / sum), `${seed}: ${word} after ${history.join(' ')}`).toBeLessThan(1e-12);
      });
    }
    if (table.contexts < 1 + 4 + 12 && order === 3) merged++;
  }
  expect(merged).toBeGreaterThan(0);
});
