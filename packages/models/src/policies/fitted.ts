import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { fail } from '@postulate/graph';
import type { LanguageModel, StoredModel } from '../port/index.ts';
import { prompted, segment } from '../priors/prompt.ts';
import { tableModel } from '../priors/table-model.ts';
import { POLICY_FILE, unpackModel } from './model-file.ts';
import { readStoredTable } from './read-stored-table.ts';
import { baseOfGuided, readGuided, STORED_GUIDED } from './stored-guided.ts';
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
  /** What evaluates a network; the best that loads where it is left out. */
  readonly runtime?: string | undefined;
}

function fittedTable(model: StoredModel, { prompt, member = 0 }: FittedPlace): LanguageModel {
  if (prompt === undefined) return readStoredTable(model, member);
  const start = readStoredTable(model, 'unprompted');
  const { id, table, vocabulary, maxTokens } = prompted(start, prompt, (text) => segment(text, start.vocabulary));
  const parent = new Int32Array(table!.contexts).fill(-1);
  return tableModel({ id, vocabulary, maxTokens, table: { ...table!, parent } });
}

/** A trained transformer; tensor libraries are loaded here and nowhere before. */
async function fittedDecoder(model: StoredModel, shown: string, { prompt, member = 0, runtime: name }: FittedPlace) {
  if (prompt !== undefined) {
    throw fail('P503', `the network in ${shown} can only be read under the prompts that it was trained for.`, {
      help: 'leave prompt out.',
    });
  }
  const [{ readStoredDecoder }, { chooseRuntime }] = await Promise.all([
    import('../training/stored-decoder.ts'),
    import('../tensor/choose-runtime.ts'),
  ]);
  const { runtime } = await chooseRuntime({
    ...(name === undefined ? {} : { name }),
    ...(isMainThread ? {} : { threads: 1 }),
  });
  return readStoredDecoder(model, runtime, member);
}

async function fittedGuided(model: StoredModel, shown: string, place: FittedPlace): Promise<LanguageModel> {
  if (place.prompt !== undefined) {
    throw fail('P503', `the guided policy in ${shown} can only be read under the prompts that it was trained for.`, {
      help: 'leave prompt out.',
    });
  }
  return readGuided(model, await read(baseOfGuided(model), shown, place), place.member);
}

function read(model: StoredModel, shown: string, place: FittedPlace): LanguageModel | Promise<LanguageModel> {
  switch (model.kind) {
    case STORED_TABLE:
      return fittedTable(model, place);
    case 'decoder':
      return fittedDecoder(model, shown, place);
    case STORED_GUIDED:
      return fittedGuided(model, shown, place);
    default:
      throw fail('P503', `the policy in ${shown} is a ${model.kind}, which this version cannot read.`);
  }
}

/** The policy in a run folder. Throws P500 where there is none, P503 where it is of a kind that is not known here. */
export async function fittedPolicy(path: string, shown: string, place: FittedPlace = {}): Promise<LanguageModel> {
  return read(stored(path, shown), shown, place);
}
