/** The tokens of a language model. Token ids are `0 … size - 1`; the end of sequence has id `size`. */
export interface Vocabulary {
  /** Number of tokens, the end of sequence not counted. */
  readonly size: number;
  /** The string of each token. */
  readonly tokens: readonly string[];
  /** What stands between two tokens of a text: `" "` for words, `""` for characters. */
  readonly separator: string;
}

/** A text's string: its tokens joined by the separator of the vocabulary. */
export function decode(vocabulary: Vocabulary, tokens: Int32Array, start = 0, end = tokens.length): string {
  let text = '';
  for (let i = start; i < end; i++) {
    if (i > start) text += vocabulary.separator;
    text += vocabulary.tokens[tokens[i]];
  }
  return text;
}
