import { Tokenizer } from '@huggingface/tokenizers';
import { fail, type PostError } from '@postulate/graph';
import type { Vocabulary } from '../port/vocabulary.ts';
import { specialTokens, type SpecialTokens } from './special-tokens.ts';
import { literalBytes, spellingOf } from './token-bytes.ts';
import { tokenNames } from './token-names.ts';
import { tokenizerFile, type Json, type TokenizerFile } from './tokenizer-file.ts';

/** Text to a model's tokens and back. Token ids are the model's own. */
export interface ModelTokenizer {
  /** As many tokens as the model has columns. Tokens are bytes. */
  readonly vocabulary: Vocabulary;
  readonly special: SpecialTokens;
  /** Ids that must have probability 0 as tokens of a text: the ends, and columns of the model that no token belongs to. Ascending. */
  readonly neverGenerated: Int32Array;
  /**
   * The tokens of a text, without those that the tokenizer would put around it; `special` asks for them. A special token's string within
   * the text is that token. P512 where the tokenizer has no token for a part of the text.
   */
  encode(text: string, options?: { readonly special?: boolean }): Int32Array;
}

/** The parsed files that define a tokenizer. */
export interface TokenizerSources {
  /** `tokenizer.json`. */
  readonly tokenizer: unknown;
  /** `tokenizer_config.json`, `config.json` and `generation_config.json`; `{}` where absent. */
  readonly tokenizerConfig?: Json;
  readonly config?: Json;
  readonly generationConfig?: Json;
  /** Columns of the model. */
  readonly vocabularySize: number;
  /** How messages call the tokenizer. */
  readonly source: string;
}

/** The tokenizer of a model. P512 where it cannot be read, or has tokens that the model has no column for. */
export function modelTokenizer(sources: TokenizerSources): ModelTokenizer {
  const { vocabularySize: size, source, config = {}, generationConfig = {}, tokenizerConfig = {} } = sources;
  const file = tokenizerFile(sources.tokenizer, source);
  const library = openLibrary(file, tokenizerConfig, source);
  const bytes = bytesOfTokens(file, library, size, source);
  const special = specialTokens(
    { config, generation: generationConfig, tokenizer: tokenizerConfig },
    size,
    (token) => library.token_to_id(token),
    source,
  );
  const empty = bytes.flatMap((token, id) => (token.length === 0 ? [id] : []));
  return {
    vocabulary: { size, tokens: tokenNames(bytes), separator: '', bytes },
    special,
    neverGenerated: Int32Array.from(new Set([...special.ends, ...empty])).sort(),
    encode: (text, options) => encode(library, text, options?.special ?? false, source),
  };
}

function openLibrary(file: TokenizerFile, config: Json, source: string): Tokenizer {
  try {
    return new Tokenizer(file, config);
  } catch (cause) {
    throw fail('P512', `${source} cannot be read as a tokenizer: ${(cause as Error).message}.`, {
      kind: 'outside',
      cause,
    });
  }
}

/** The bytes of each token; none for columns that no token belongs to. */
function bytesOfTokens(file: TokenizerFile, library: Tokenizer, size: number, source: string): readonly Uint8Array[] {
  const spelling = spellingOf(file, source);
  const bytes = Array.from({ length: size }, (): Uint8Array => new Uint8Array());
  const put = (token: string, id: number, spelled: Uint8Array): void => {
    if (id >= size) throw tooMany(token, id, size, source);
    bytes[id] = spelled;
  };
  for (const [token, id] of library.get_vocab(false)) if (token !== undefined) put(token, id, spelling.token(token));
  for (const { id, content, special } of file.added_tokens) {
    put(content, id, special === true ? literalBytes(content) : spelling.added(content));
  }
  return bytes;
}

function tooMany(token: string, id: number, size: number, source: string): PostError {
  return fail(
    'P512',
    `${source} has the token ${JSON.stringify(token)} with id ${id}, but the model has ${size} tokens only.`,
    { kind: 'outside', help: 'the tokenizer belongs to another model.' },
  );
}

function encode(library: Tokenizer, text: string, special: boolean, source: string): Int32Array {
  if (text === '' && !special) return new Int32Array();
  const { ids, tokens } = library.encode(text, { add_special_tokens: special });
  const stranger = ids.findIndex((id: number | undefined) => id === undefined);
  if (stranger !== -1) {
    throw fail('P512', `${source} has no token for ${JSON.stringify(tokens[stranger])}.`, { kind: 'outside' });
  }
  return Int32Array.from(ids);
}
