import type { Chooser, LanguageModel } from '@postulate/models';
import type { Maybe } from '../bind/maybe.ts';
import { sessionRows } from './session-rows.ts';
import { tableRows } from './table-rows.ts';

/** Next-token laws of a batch of prefixes that grow token by token. The end of sequence is token V. */
export interface TokenRows {
  /** Draws from the row's law; −1 where it has no mass. Choosers that enumerate are asked once, by token. */
  draw(row: number, chooser: Chooser): number;
  /** log P(token | prefix of the row), nats. */
  logProb(row: number, token: number): number;
  /** Writes the whole law, V + 1 logs in nats. */
  fill(row: number, out: Float64Array): void;
  /** There where a row's law is that of one of a number of contexts: which, from 0. */
  readonly context?: (row: number) => number;
  /** One token per row; rows that have ended take any. */
  advance(tokens: Int32Array): Maybe<void>;
  /** Row i continues what row `ancestors[i]` was; the number of rows stays. */
  reorder(ancestors: Int32Array): void;
}

/** `size` rows of a model at the empty prefix: looked up in its table where it has one, else from a decoding session. */
export function openRows(model: LanguageModel, size: number): TokenRows {
  return model.table === undefined ? sessionRows(model, size) : tableRows(model.table, size);
}
