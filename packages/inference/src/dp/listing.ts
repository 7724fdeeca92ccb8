import type { BackoffTable, LanguageModel, SequenceBatch } from '@postulate/models';
import { logSumExp } from '../numeric/index.ts';
import { emptyDenseRow, fillDenseRow } from './dense-row.ts';
import { prepareTable, type PreparedTable } from './prepared-table.ts';
import { componentsOf } from './terms.ts';

/** Every sequence of positive prior probability. */
export interface Listing extends SequenceBatch {
  readonly logPrior: Float64Array;
}

/** The words that may follow a context, with log-probabilities. */
interface Row {
  readonly words: Int32Array;
  readonly logProbs: Float64Array;
  readonly targets: Int32Array;
  readonly logEnd: number;
}

function rowsOf(p: PreparedTable): (context: number) => Row {
  const kept = new Map<number, Row>();
  const dense = emptyDenseRow(p.vocabularySize);
  return (context) => {
    let row = kept.get(context);
    if (row === undefined) {
      fillDenseRow(p, context, dense);
      const norm = p.table.norm?.[context] ?? 1;
      const words = Int32Array.from(dense.raw.keys()).filter((w) => dense.raw[w] > 0);
      row = {
        words,
        logProbs: Float64Array.from(words, (w) => Math.log(dense.raw[w] / norm)),
        targets: words.map((w) => dense.targets[w]),
        logEnd: Math.log(p.rawEnd[context] / norm),
      };
      kept.set(context, row);
    }
    return row;
  };
}

/**
 * Number of sequences of positive probability (of a mixture: the sum over its components), or `Infinity` as soon as
 * it is seen to exceed `limit`.
 */
export function countSupport(prior: LanguageModel, limit: number): number {
  return componentsOf(prior)
    .filter((c) => c.weight > 0)
    .reduce((n, c) => n + countTable(c.model.table!, prior.maxTokens, limit), 0);
}

function countTable(table: BackoffTable, maxTokens: number, limit: number): number {
  const rows = rowsOf(prepareTable(table));
  let layer = new Map([[table.start, 1]]);
  let ended = 0;
  let open = 1;
  for (let t = 0; t < maxTokens; t++) {
    const after = new Map<number, number>();
    open = 0;
    for (const [context, count] of layer) {
      const row = rows(context);
      if (row.logEnd > -Infinity) ended += count;
      open += count * row.words.length;
      // Every prefix has at least one continuation, so the prefixes alone already decide.
      if (ended + open > limit) return Infinity;
      for (const h of row.targets) after.set(h, (after.get(h) ?? 0) + count);
    }
    layer = after;
  }
  return ended + open;
}

/** Lists the support of a tabulated prior; undefined where it has more than `limit` sequences. */
export function listTables(prior: LanguageModel, limit: number): Listing | undefined {
  const parts = componentsOf(prior).filter((c) => c.weight > 0);
  const rows = parts.map((c) => rowsOf(prepareTable(c.model.table!)));
  const out = collector(limit);
  const path: number[] = [];
  const visit = (contexts: readonly number[], logs: readonly number[]): boolean => {
    if (path.length === prior.maxTokens) return out.add(path, false, logSumExp(logs));
    const here = contexts.map((h, i) => (h === -1 ? undefined : rows[i](h)));
    const ended = logSumExp(logs.map((l, i) => l + (here[i]?.logEnd ?? -Infinity)));
    if (ended > -Infinity && !out.add(path, true, ended)) return false;
    for (const [word, next] of branches(here, contexts.length)) {
      path.push(word);
      const more = visit(
        next.map((n) => n.context),
        next.map((n, i) => logs[i] + n.logProb),
      );
      path.pop();
      if (!more) return false;
    }
    return true;
  };
  const complete = visit(
    parts.map((c) => c.model.table!.start),
    parts.map((c) => Math.log(c.weight)),
  );
  return complete ? out.listing() : undefined;
}

interface Branch {
  readonly context: number;
  readonly logProb: number;
}

const NO_BRANCH: Branch = { context: -1, logProb: -Infinity };

function* branches(here: readonly (Row | undefined)[], width: number): Generator<[number, readonly Branch[]]> {
  const only = width === 1 ? here[0] : undefined;
  if (only !== undefined) {
    for (let i = 0; i < only.words.length; i++) {
      yield [only.words[i], [{ context: only.targets[i], logProb: only.logProbs[i] }]];
    }
    return;
  }
  const found = new Map<number, Branch[]>();
  here.forEach((row, part) => {
    row?.words.forEach((word, i) => {
      let all = found.get(word);
      if (all === undefined) found.set(word, (all = new Array<Branch>(width).fill(NO_BRANCH)));
      all[part] = { context: row.targets[i], logProb: row.logProbs[i] };
    });
  });
  yield* found;
}

/** Gathers sequences flat, up to `limit` of them. */
export function collector(limit: number): {
  add(tokens: readonly number[], finished: boolean, logPrior: number): boolean;
  listing(): Listing;
} {
  let tokens = new Int32Array(1024);
  let used = 0;
  const offsets: number[] = [0];
  const ended: number[] = [];
  const logPrior: number[] = [];
  return {
    add(sequence, finished, log) {
      if (ended.length === limit) return false;
      if (used + sequence.length > tokens.length) {
        const larger = new Int32Array(Math.max(2 * tokens.length, used + sequence.length));
        larger.set(tokens);
        tokens = larger;
      }
      tokens.set(sequence, used);
      used += sequence.length;
      offsets.push(used);
      ended.push(finished ? 1 : 0);
      logPrior.push(log);
      return true;
    },
    listing: () => ({
      size: ended.length,
      tokens: tokens.subarray(0, used),
      offsets: Int32Array.from(offsets),
      finished: Uint8Array.from(ended),
      logPrior: Float64Array.from(logPrior),
    }),
  };
}
