import { fail } from '@postulate/graph';
import { spelledBytes } from './byte-alphabet.ts';
import type { TokenizerFile } from './tokenizer-file.ts';

type Spell = (token: string) => Uint8Array;

/** What the strings of tokens in `tokenizer.json` stand for. */
export interface Spelling {
  readonly token: Spell;
  /** The same for tokens that were added to the model's own, and are no special ones. */
  readonly added: Spell;
}

const UTF8 = new TextEncoder();

/** A special token stands for its own string. */
export const literalBytes: Spell = (token) => UTF8.encode(token);

/** Byte-level BPE (GPT-2, Llama 3): each character stands for a byte; a token with others in it stands for itself. */
const BYTE_LEVEL: Spelling = { token: (token) => spelledBytes(token) ?? literalBytes(token), added: literalBytes };

/** SentencePiece (Llama 2): `▁` is a space; `<0x0A>` is a byte that no token spells. */
function sentencePiece(byteFallback: boolean): Spelling {
  const spell: Spell = (token) => {
    const byte = byteFallback ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token) : null;
    return byte === null ? literalBytes(token.replaceAll('▁', ' ')) : Uint8Array.of(parseInt(byte[1], 16));
  };
  return { token: spell, added: spell };
}

/** Steps of decoders that leave every token's string as `sentencePiece` reads it, but for the start of a text. */
const PLAIN_STEPS = new Set(['Metaspace', 'Replace', 'ByteFallback', 'Fuse', 'Strip']);

/**
 * How the tokens of a tokenizer spell text, told from its decoder. A text is the concatenation of what its tokens stand for: the space
 * that SentencePiece decoders drop at the start of a text is kept, since a completion need not begin one. P512 where decoding is more
 * than concatenation.
 */
export function spellingOf(tokenizer: TokenizerFile, source: string): Spelling {
  const steps = stepTypes(tokenizer.decoder);
  if (steps.includes('ByteLevel')) return BYTE_LEVEL;
  const odd = steps.find((type) => !PLAIN_STEPS.has(type));
  if (odd === undefined && steps.length > 0) {
    return sentencePiece(steps.includes('ByteFallback') || tokenizer.model['byte_fallback'] === true);
  }
  throw fail(
    'P512',
    `${source}: ${odd === undefined ? 'there is no decoder' : `the decoder "${odd}" is not known here`}, ` +
      'so that what its tokens spell is not known.',
    { kind: 'outside', help: 'byte-level BPE (GPT-2, Llama 3) and SentencePiece tokenizers (Llama 2) are read.' },
  );
}

/** The types of a step, and of the steps it is made of, in order. */
function stepTypes(step: unknown): readonly string[] {
  if (typeof step !== 'object' || step === null) return [];
  const { type, decoders } = step as { type?: unknown; decoders?: unknown };
  return type === 'Sequence' && Array.isArray(decoders) ? decoders.flatMap(stepTypes) : [String(type)];
}
