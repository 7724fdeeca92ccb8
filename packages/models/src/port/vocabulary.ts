/** The tokens of a language model. Token ids are `0 … size - 1`; the end of sequence has id `size`. */
export interface Vocabulary {
  /** Number of tokens, the end of sequence not counted. */
  readonly size: number;
  /** The string of each token. With `bytes` it is a name to show: it differs from token to token, and spells bytes that are no text. */
  readonly tokens: readonly string[];
  /** What stands between two tokens of a text: `" "` for words, `""` for characters. */
  readonly separator: string;
  /**
   * What each token really adds to a text, where tokens are pieces of UTF-8 that need not be whole characters. A text is then the decoding
   * of all its tokens' bytes one after the other, and `separator` is empty.
   */
  readonly bytes?: readonly Uint8Array[];
}

/** As the WHATWG Encoding Standard decodes, each maximal ill-formed part as one U+FFFD; a byte order mark is a character like others. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** A text's string: its tokens joined by the separator of the vocabulary, or the UTF-8 decoding of their bytes. */
export function decode(vocabulary: Vocabulary, tokens: Int32Array, start = 0, end = tokens.length): string {
  const { bytes } = vocabulary;
  if (bytes !== undefined) {
    return UTF8.decode(Buffer.concat(Array.from(tokens.subarray(start, end), (token) => bytes[token])));
  }
  let text = '';
  for (let i = start; i < end; i++) {
    if (i > start) text += vocabulary.separator;
    text += vocabulary.tokens[tokens[i]];
  }
  return text;
}

/** The first token of `b` that `a` has not, or has with other bytes, by its name; `undefined` where it has all of them. */
export function strangerTo(a: Vocabulary, b: Vocabulary): string | undefined {
  const place = new Map(a.tokens.map((token, id) => [token, id]));
  return b.tokens.find((token, id) => {
    const there = place.get(token);
    return there === undefined || !sameBytes(a.bytes?.[there], b.bytes?.[id]);
  });
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(a, b) === 0;
}
