import { fail } from '@postulate/graph';
import type { Vocabulary } from '../../port/index.ts';
import type { HttpClient } from './http-client.ts';
import { Reading } from './reading.ts';

/** A vocabulary and the id that ends a text. */
export interface KnownVocabulary {
  readonly vocabulary: Vocabulary;
  readonly end: number;
}

/** Reads a tokenizer's folder or file, for servers that do not tell their tokens. */
export type OpenTokenizer = (path: string) => Promise<KnownVocabulary>;

/**
 * The tokens of a vLLM-like server: from a tokenizer on this machine where the address names one, else from the server where it is one
 * of ours (`/vocabulary`). vLLM itself tells no tokens: P534.
 */
export async function vllmVocabulary(
  client: HttpClient,
  tokenizer: string | undefined,
  openTokenizer: OpenTokenizer | undefined,
): Promise<KnownVocabulary> {
  if (tokenizer !== undefined && openTokenizer !== undefined) return openTokenizer(tokenizer);
  const { status, body } = await client.ask('GET', '/vocabulary');
  if (status === 200) return told(new Reading(client.url, body));
  throw fail('P534', `the server at ${client.url} does not tell its tokens, which events and automata need.`, {
    kind: 'outside',
    help: 'name the folder of its tokenizer behind the address: lm("http://…?tokenizer=FOLDER")',
  });
}

function told(answer: Reading): KnownVocabulary {
  const tokens = answer
    .field('tokens')
    .items()
    .map((t) => t.string());
  const size = tokens.length;
  const separator = answer.field('separator').string();
  const bytes = answer.field('bytes');
  const vocabulary: Vocabulary = { size, tokens, separator };
  const spelled = bytes.absent
    ? {}
    : { bytes: bytes.items(size).map((b) => Uint8Array.from(Buffer.from(b.string(), 'base64'))) };
  return { vocabulary: { ...vocabulary, ...spelled }, end: answer.field('end').token(size + 1) };
}
