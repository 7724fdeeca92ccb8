import type { Vocabulary } from '../port/vocabulary.ts';
import { classOf, type Alphabet } from './alphabet.ts';
import { codePointsOf } from './char-set.ts';
import type { SpelledTokens } from './symbol-machine.ts';

/** The code points of all tokens, flat: token v is `codePoints[offsets[v] … offsets[v + 1])`. */
interface VocabularyCodes {
  readonly codePoints: Int32Array;
  readonly offsets: Int32Array;
  readonly separator: readonly number[];
}

const known = new WeakMap<Vocabulary, VocabularyCodes>();

/** Computed once a vocabulary. A code point never spans two tokens: each is spelled by itself. */
function vocabularyCodes(vocabulary: Vocabulary): VocabularyCodes {
  let codes = known.get(vocabulary);
  if (codes === undefined) known.set(vocabulary, (codes = spellTokens(vocabulary)));
  return codes;
}

function spellTokens(vocabulary: Vocabulary): VocabularyCodes {
  const offsets = new Int32Array(vocabulary.size + 1);
  const codePoints = new Int32Array(vocabulary.tokens.reduce((n, t) => n + t.length, 0));
  let at = 0;
  for (let v = 0; v < vocabulary.size; v++) {
    const token = vocabulary.tokens[v];
    for (let i = 0; i < token.length; at++) {
      const c = token.codePointAt(i) ?? 0;
      codePoints[at] = c;
      i += c > 0xffff ? 2 : 1;
    }
    offsets[v + 1] = at;
  }
  return { codePoints: codePoints.slice(0, at), offsets, separator: codePointsOf(vocabulary.separator) };
}

/** Tokens by the classes of their characters. */
export function spelledInCharacters(vocabulary: Vocabulary, alphabet: Alphabet): SpelledTokens {
  const { codePoints, offsets, separator } = vocabularyCodes(vocabulary);
  const symbols = new Uint16Array(codePoints.length);
  for (let i = 0; i < symbols.length; i++) symbols[i] = classOf(alphabet, codePoints[i]);
  return { symbols, offsets, separator: separator.map((c) => classOf(alphabet, c)) };
}

/** Tokens by the classes of their bytes. */
export function spelledInBytes(bytes: readonly Uint8Array[], classOfByte: Int32Array): SpelledTokens {
  const offsets = new Int32Array(bytes.length + 1);
  bytes.forEach((token, v) => (offsets[v + 1] = offsets[v] + token.length));
  const symbols = new Uint16Array(offsets[bytes.length]);
  bytes.forEach((token, v) => token.forEach((byte, i) => (symbols[offsets[v] + i] = classOfByte[byte])));
  return { symbols, offsets, separator: [] };
}
