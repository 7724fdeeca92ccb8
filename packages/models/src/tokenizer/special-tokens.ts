import { fail } from '@postulate/graph';
import { isJsonObject, type Json } from './tokenizer-file.ts';

/** Ids of the tokens that are no text. */
export interface SpecialTokens {
  /** Tokens that end a text. Their mass is the end of sequence; none of them is ever a token of a text. May be empty. */
  readonly ends: readonly number[];
  /** What a text begins with, where the model was trained so. */
  readonly begin: number | undefined;
  readonly pad: number | undefined;
}

/** The files that name special tokens, parsed; absent ones `{}`. */
export interface SpecialSources {
  readonly config: Json;
  readonly generation: Json;
  readonly tokenizer: Json;
}

/**
 * The special tokens: as `generation_config.json` says, else `config.json`, else by their strings in `tokenizer_config.json`.
 * P512 for an id that is no token of the model.
 */
export function specialTokens(
  sources: SpecialSources,
  vocabularySize: number,
  idOf: (token: string) => number | undefined,
  source: string,
): SpecialTokens {
  const ids = (name: string): readonly number[] => {
    for (const file of [sources.generation, sources.config]) {
      const value = file[`${name}_token_id`];
      if (value === undefined || value === null || value === -1) continue;
      const list = Array.isArray(value) ? (value as unknown[]) : [value];
      return list.map((id) => checked(id, name, vocabularySize, source));
    }
    const named = tokenString(sources.tokenizer[`${name}_token`]);
    const id = named === undefined ? undefined : idOf(named);
    return id === undefined ? [] : [checked(id, name, vocabularySize, source)];
  };
  return { ends: [...new Set(ids('eos'))], begin: ids('bos')[0], pad: ids('pad')[0] };
}

function checked(id: unknown, name: string, size: number, source: string): number {
  if (typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < size) return id;
  throw fail(
    'P512',
    `${source}: \`${name}_token_id\` is ${JSON.stringify(id)}, but the model has the tokens 0 to ${size - 1}.`,
    {
      kind: 'outside',
    },
  );
}

/** A token is given by its string, or as an object that holds it. */
function tokenString(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return isJsonObject(value) && typeof value['content'] === 'string' ? value['content'] : undefined;
}
