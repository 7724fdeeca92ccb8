import { fail } from '@postulate/graph';

export type Json = Readonly<Record<string, unknown>>;

/** The parts of a `tokenizer.json` that this project looks at itself. */
export interface TokenizerFile extends Json {
  readonly model: Json;
  readonly decoder?: unknown;
  readonly added_tokens: readonly { readonly id: number; readonly content: string; readonly special?: boolean }[];
}

export const isJsonObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Checks the outline of a `tokenizer.json`; the library that reads it fails on its own where the rest is wrong. P512. */
export function tokenizerFile(value: unknown, source: string): TokenizerFile {
  if (!isJsonObject(value) || !isJsonObject(value['model'])) {
    throw fail('P512', `${source} is not a tokenizer: it has no model.`, { kind: 'outside' });
  }
  const added = value['added_tokens'] ?? [];
  const isToken = (t: unknown) => isJsonObject(t) && typeof t['content'] === 'string' && Number.isInteger(t['id']);
  if (!Array.isArray(added) || !added.every(isToken)) {
    throw fail('P512', `${source}: \`added_tokens\` is not a list of tokens with their ids.`, { kind: 'outside' });
  }
  const steps = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  return { ...steps, ...value, added_tokens: added as TokenizerFile['added_tokens'], model: value['model'] };
}
