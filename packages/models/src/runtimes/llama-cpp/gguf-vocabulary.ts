import { fail } from '@postulate/graph';
import type { Vocabulary } from '../../port/index.ts';
import type { GgufMetadata } from './gguf-header.ts';
import { spelledBytes } from '../../tokenizer/byte-alphabet.ts';
import { tokenNames } from '../../tokenizer/token-names.ts';

/** The tokens of a GGUF file, and which of its columns are none of a text. */
export interface GgufVocabulary {
  readonly vocabulary: Vocabulary;
  readonly ends: readonly number[];
  readonly never: Int32Array;
}

/** llama.cpp's kinds of tokens that add nothing to a text, and that of single bytes. */
const UNKNOWN = 2;
const CONTROL = 3;
const UNUSED = 5;
const BYTE = 6;

function bytesOf(token: string, type: number, kind: string): Uint8Array {
  if (type === UNUSED || type === UNKNOWN) return new Uint8Array();
  if (type === BYTE) return Uint8Array.of(Number.parseInt(token.slice(3, -1), 16));
  if (type === CONTROL) return Buffer.from(token);
  if (kind === 'gpt2') return spelledBytes(token) ?? Buffer.from(token);
  // SentencePiece writes spaces as U+2581.
  return Buffer.from(token.replaceAll('\u2581', ' '));
}

/** P520 for a kind of tokenizer whose tokens are not known to be pieces of a text; P512 for a file without tokens. */
export function ggufVocabulary(metadata: GgufMetadata, source: string): GgufVocabulary {
  const said = (name: string): unknown => metadata.get(`tokenizer.ggml.${name}`);
  const [model, tokens, token_type] = [said('model'), said('tokens'), said('token_type')];
  if (model !== 'gpt2' && model !== 'llama') {
    throw fail('P520', `${source}: tokenizers of the kind ${JSON.stringify(model)} are not known here.`, {
      kind: 'outside',
    });
  }
  if (!Array.isArray(tokens) || tokens.length === 0)
    throw fail('P512', `${source} has no tokens.`, { kind: 'outside' });
  const types = Array.isArray(token_type) ? (token_type as readonly number[]) : [];
  const bytes = (tokens as readonly string[]).map((token, id) => bytesOf(token, types[id] ?? 1, model));
  const isId = (id: unknown): id is number => typeof id === 'number' && id >= 0 && id < tokens.length;
  const ends = [...new Set([said('eos_token_id'), said('eot_token_id')].filter(isId))];
  if (ends.length === 0) throw fail('P512', `${source} does not say which token ends a text.`, { kind: 'outside' });
  const empty = bytes.flatMap((b, id) => (b.length === 0 ? [id] : []));
  return {
    vocabulary: { size: tokens.length, tokens: tokenNames(bytes), separator: '', bytes },
    ends,
    never: Int32Array.from(new Set([...ends, ...empty])).sort(),
  };
}
