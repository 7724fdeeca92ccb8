import type { BackoffTable } from '../../port/index.ts';
import { type GramLevel, gramLevels } from './gram-levels.ts';
import { smooth, type SmoothedLevel } from './kneser-ney.ts';
import type { EncodedCorpus } from './tokenise.ts';

/** The trained model as a table whose contexts are the n-grams of each order below `order` that do not end a text. */
export function trainTable(corpus: EncodedCorpus, order: number): BackoffTable {
  const levels = gramLevels(corpus, order);
  const smoothed = smooth(corpus, levels);
  const numbers = contextNumbers(corpus, levels);
  const contexts = 1 + numbers.reduce((total, level) => total + level.count, 0);
  return {
    vocabularySize: corpus.end,
    contexts,
    start: order === 1 ? 0 : numbers[0].of[corpus.start],
    ...rows(corpus, levels, smoothed, numbers, contexts),
    ...links(levels, smoothed, numbers, contexts),
    norm: undefined,
    interpolated: true,
  };
}

interface ContextNumbers {
  readonly count: number;
  /** N-gram → number of the context that it is, −1 for the ends of texts. */
  readonly of: Int32Array;
}

/** Context 0 is empty; then the contexts of length 1, of length 2, … each in the order of their level. */
function contextNumbers({ end }: EncodedCorpus, levels: readonly GramLevel[]): readonly ContextNumbers[] {
  let next = 1;
  return levels.slice(0, -1).map((level) => {
    const first = next;
    const of = level.word.map((word) => (word === end ? -1 : next++));
    return { count: next - first, of };
  });
}

function rows(
  { start, end }: EncodedCorpus,
  levels: readonly GramLevel[],
  smoothed: readonly SmoothedLevel[],
  numbers: readonly ContextNumbers[],
  contexts: number,
): Pick<BackoffTable, 'rowStart' | 'words' | 'probs' | 'targets'> {
  const size = levels.reduce((total, level) => total + level.count, 0) - 1;
  const rowStart = new Int32Array(contexts + 1);
  const table = { rowStart, words: new Int32Array(size), probs: new Float64Array(size), targets: new Int32Array(size) };
  let at = 0;
  levels.forEach((level, k) => {
    for (let g = 0; g < level.count; g++) {
      if (k === 0 && level.word[g] === start) continue;
      rowStart[(k === 0 ? 0 : numbers[k - 1].of[level.context[g]]) + 1]++;
      table.words[at] = level.word[g];
      table.probs[at] = smoothed[k].probs[g];
      table.targets[at++] = level.word[g] === end ? -1 : target(levels, numbers, k, g);
    }
  });
  for (let h = 0; h < contexts; h++) rowStart[h + 1] += rowStart[h];
  return table;
}

/** The longest context that ends in n-gram `g` of level index `k`: itself, or what is left without its first word. */
function target(levels: readonly GramLevel[], numbers: readonly ContextNumbers[], k: number, g: number): number {
  if (k < numbers.length) return numbers[k].of[g];
  return k === 0 ? 0 : numbers[k - 1].of[levels[k - 1].idAt[levels[k].at[g]]];
}

function links(
  levels: readonly GramLevel[],
  smoothed: readonly SmoothedLevel[],
  numbers: readonly ContextNumbers[],
  contexts: number,
): Pick<BackoffTable, 'backoff' | 'parent'> {
  const backoff = new Float64Array(contexts);
  const parent = new Int32Array(contexts).fill(-1);
  numbers.forEach(({ of }, k) => {
    for (let g = 0; g < of.length; g++) {
      if (of[g] === -1) continue;
      backoff[of[g]] = smoothed[k + 1].backoff[g];
      parent[of[g]] = k === 0 ? 0 : numbers[k - 1].of[levels[k - 1].idAt[levels[k].at[g]]];
    }
  });
  return { backoff, parent };
}
