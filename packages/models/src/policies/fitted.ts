import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail } from '@postulate/graph';
import type { LanguageModel, StoredModel } from '../port/index.ts';
import { prompted, segment } from '../priors/prompt.ts';
import { tableModel } from '../priors/table-model.ts';
import { POLICY_FILE, unpackModel } from './model-file.ts';
import { readStoredTable } from './read-stored-table.ts';
import { STORED_TABLE } from './stored-table.ts';

function stored(path: string, shown: string): StoredModel {
  let bytes: Buffer;
  try {
    bytes = readFileSync(join(path, POLICY_FILE));
  } catch (cause) {
    throw fail('P500', `the run folder ${shown} holds no policy: ${join(shown, POLICY_FILE)} cannot be read.`, {
      kind: 'outside',
      cause,
      help: 'post fit model.post --engine gdc --out DIR makes one',
    });
  }
  const model = unpackModel(bytes);
  if (model === undefined) {
    throw fail('P500', `${join(shown, POLICY_FILE)} is damaged.`, { kind: 'outside' });
  }
  return model;
}

/** Which law of a policy is meant: under a prompt of its own, or one of those that it was trained for, by number. */
export interface FittedPlace {
  readonly prompt?: string | undefined;
  readonly member?: number | undefined;
}

/** The policy in a run folder. Throws P500 where there is none, P503 where it is of a kind that is not known here. */
export function fittedPolicy(path: string, shown: string, { prompt, member = 0 }: FittedPlace = {}): LanguageModel {
  const model = stored(path, shown);
  if (model.kind !== STORED_TABLE) {
    throw fail('P503', `the policy in ${shown} is a ${model.kind}, which this version cannot read.`);
  }
  if (prompt === undefined) return readStoredTable(model, member);
  const start = readStoredTable(model, 'unprompted');
  const { id, table, vocabulary, maxTokens } = prompted(start, prompt, (text) => segment(text, start.vocabulary));
  const parent = new Int32Array(table!.contexts).fill(-1);
  return tableModel({ id, vocabulary, maxTokens, table: { ...table!, parent } });
}
