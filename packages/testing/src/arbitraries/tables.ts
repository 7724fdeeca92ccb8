import fc from 'fast-check';
import type { BackoffTable, Vocabulary } from '@postulate/models';

/** A small finite-state prior: what `tableModel` makes a language model of. */
export interface SmallPrior {
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  readonly table: BackoffTable;
}

export interface SmallPriorOptions {
  readonly maxVocabulary?: number;
  readonly maxTokens?: number;
}

/** A row: for each word and the end, the raw weight if it is stored. */
type Row = readonly (number | undefined)[];

const weight = fc.integer({ min: 1, max: 20 });

const row = (width: number, stored: fc.Arbitrary<boolean>): fc.Arbitrary<Row> =>
  fc
    .array(fc.tuple(stored, weight), { minLength: width, maxLength: width })
    .map((cells) => cells.map(([s, w]) => (s ? w : undefined)));

/** Raw weight of a word after a context: stored, else backed off to the root. */
function raw(rows: readonly Row[], backoff: Float64Array, context: number, word: number): number {
  return rows[context][word] ?? (context === 0 ? 0 : backoff[context] * (rows[0][word] ?? 0));
}

/**
 * Contexts: 0 the empty one (every word stored), 1 + w after word w, and last the start. Shorter contexts back off to
 * the empty one; weights are raw and `norm` makes them probabilities, so brackets of either sign occur.
 */
function assemble(size: number, rows: readonly Row[], backoffs: readonly number[]): BackoffTable {
  const contexts = rows.length;
  const width = size + 1;
  const entries = rows.map((r) => Array.from({ length: width }, (_, w) => w).filter((w) => r[w] !== undefined));
  const rowStart = new Int32Array(contexts + 1);
  entries.forEach((e, h) => (rowStart[h + 1] = rowStart[h] + e.length));
  const backoff = Float64Array.from(backoffs);
  const norm = Float64Array.from(rows, (_, h) =>
    Array.from({ length: width }, (_w, w) => raw(rows, backoff, h, w)).reduce((a, b) => a + b, 0),
  );
  const dominated = rows.every(
    (r, h) => h === 0 || r.every((p, w) => p === undefined || p >= backoff[h] * rows[0][w]!),
  );
  return {
    vocabularySize: size,
    contexts,
    start: contexts - 1,
    rowStart,
    words: Int32Array.from(entries.flat()),
    probs: Float64Array.from(entries.flatMap((e, h) => e.map((w) => rows[h][w]!))),
    targets: Int32Array.from(entries.flat(), (w) => (w === size ? -1 : 1 + w)),
    backoff,
    parent: Int32Array.from(rows, (_, h) => (h === 0 ? -1 : 0)),
    norm,
    interpolated: dominated,
  };
}

/** Back-off tables of one to `maxVocabulary` words, each with its vocabulary and a small `maxTokens`. */
export function backoffTables({ maxVocabulary = 3, maxTokens = 5 }: SmallPriorOptions = {}): fc.Arbitrary<SmallPrior> {
  return fc
    .record({ size: fc.integer({ min: 1, max: maxVocabulary }), maxTokens: fc.integer({ min: 1, max: maxTokens }) })
    .chain(({ size, maxTokens: longest }) =>
      fc
        .record({
          root: row(size + 1, fc.constant(true)),
          others: fc.array(row(size + 1, fc.boolean()), { minLength: size + 1, maxLength: size + 1 }),
          backoffs: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: size + 2, maxLength: size + 2 }),
        })
        .map(({ root, others, backoffs }) => ({
          vocabulary: { size, tokens: Array.from({ length: size }, (_, i) => 'abcdefgh'[i]), separator: '' },
          maxTokens: longest,
          table: assemble(size, [root, ...others], backoffs.map((b) => b / 4)), // prettier-ignore
        })),
    );
}
