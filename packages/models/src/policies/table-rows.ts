import { fail } from '@postulate/graph';
import type { BackoffTable } from '../port/index.ts';
import { denseLog, nextContext } from '../priors/table-lookup.ts';

/** Most entries of a table of logits: with its optimiser it takes some 60 bytes an entry. */
export const MAX_POLICY_ENTRIES = 8_000_000;

/** Entries that a table of logits for a prior has at most: a context that backs off may be followed by any word. */
export function policyEntries({ parent, contexts, vocabularySize, words }: BackoffTable): number {
  return parent.some((h) => h !== -1) ? contexts * (vocabularySize + 1) : words.length;
}

/**
 * Rows of a finite-state law with all that is possible after a context in them, and nothing else: a back-off table that never backs
 * off. `logPrior` are the prior's own log probabilities, one an entry, nats.
 */
export interface TableRows {
  readonly vocabularySize: number;
  readonly contexts: number;
  readonly rowStart: Int32Array;
  readonly words: Int32Array;
  /** Context reached; −1 for the end of sequence. */
  readonly targets: Int32Array;
  readonly logPrior: Float64Array;
}

/** Rows with the contexts in which the laws of a family start. */
export interface StartedRows {
  readonly rows: TableRows;
  readonly starts: readonly number[];
}

function tooLarge(entries: number): Error {
  return fail('P600', `a table of logits for this prior would have more than ${entries} entries`, {
    help: 'use a smaller order or vocabulary, or train a neural prior.',
  });
}

/** Collects rows that end where the table has too many entries. */
class RowsBuilder {
  private readonly words: number[] = [];
  private readonly targets: number[] = [];
  private readonly logPrior: number[] = [];
  private readonly rowStart: number[] = [0];
  private readonly row: Float64Array;
  private readonly table: BackoffTable;

  constructor(table: BackoffTable) {
    this.table = table;
    this.row = new Float64Array(table.vocabularySize + 1);
  }

  /** The row of context `h`; `follow` says where a target of the table stands here. */
  add(h: number, follow: (target: number) => number): void {
    const { table, row } = this;
    denseLog(table, h, row);
    for (let w = 0; w < row.length; w++) {
      if (row[w] === -Infinity) continue;
      this.words.push(w);
      this.targets.push(w === table.vocabularySize ? -1 : follow(nextContext(table, h, w)));
      this.logPrior.push(row[w]);
    }
    if (this.words.length > MAX_POLICY_ENTRIES) throw tooLarge(MAX_POLICY_ENTRIES);
    this.rowStart.push(this.words.length);
  }

  addEmpty(): void {
    this.rowStart.push(this.words.length);
  }

  done(): TableRows {
    return {
      vocabularySize: this.table.vocabularySize,
      contexts: this.rowStart.length - 1,
      rowStart: Int32Array.from(this.rowStart),
      words: Int32Array.from(this.words),
      targets: Int32Array.from(this.targets),
      logPrior: Float64Array.from(this.logPrior),
    };
  }
}

/** One row for each context of the table, numbered as there. */
export function contextRows(table: BackoffTable, starts: readonly number[]): StartedRows {
  if (table.contexts > MAX_POLICY_ENTRIES) throw tooLarge(MAX_POLICY_ENTRIES);
  const builder = new RowsBuilder(table);
  for (let h = 0; h < table.contexts; h++) builder.add(h, (target) => target);
  return { rows: builder.done(), starts };
}

/** One row for each position at which a context can be reached from the starts, and an empty one for texts of full length. */
export function positionRows(table: BackoffTable, starts: readonly number[], maxTokens: number): StartedRows {
  const builder = new RowsBuilder(table);
  const last = new Map<number, number>();
  let layer = [...new Set(starts)];
  const first = new Map(layer.map((h, i) => [h, i]));
  let here = 0;
  for (let t = 0; t < maxTokens; t++) {
    const behind = here + layer.length;
    const next = t + 1 === maxTokens ? last : new Map<number, number>();
    const follow = (target: number): number => {
      if (next === last) return behind;
      let at = next.get(target);
      if (at === undefined) next.set(target, (at = behind + next.size));
      return at;
    };
    for (const h of layer) builder.add(h, follow);
    layer = [...next.keys()];
    here = behind;
  }
  builder.addEmpty();
  return { rows: builder.done(), starts: starts.map((h) => first.get(h) ?? 0) };
}
