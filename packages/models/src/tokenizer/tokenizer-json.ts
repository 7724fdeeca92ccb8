/** A token that is found in a text before it is cut into pieces. */
export interface AddedTokenJson {
  readonly id: number;
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

interface StepJson {
  readonly type: string;
}

/** What `tokenizer.json` holds, as far as this project reads or writes it. */
export interface TokenizerJson {
  readonly version: string;
  readonly truncation: null;
  readonly padding: null;
  readonly added_tokens: readonly AddedTokenJson[];
  readonly normalizer: StepJson | null;
  readonly pre_tokenizer: StepJson | null;
  readonly post_processor: StepJson | null;
  readonly decoder: StepJson | null;
  readonly model: {
    readonly type: string;
    readonly vocab: Readonly<Record<string, number>>;
    readonly merges: readonly string[];
  } & Readonly<Record<string, unknown>>;
}

const BYTE_LEVEL = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };

/** A byte-level BPE tokenizer of GPT-2's kind; `merges` are pairs of tokens, the special tokens' ids follow those of `tokens`. */
export function byteLevelJson(
  tokens: readonly string[],
  merges: readonly (readonly [string, string])[],
  special: readonly string[],
): TokenizerJson {
  const plain = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, i) => ({ id: tokens.length + i, content, ...plain })),
    normalizer: null,
    pre_tokenizer: BYTE_LEVEL,
    post_processor: BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries([...tokens, ...special].map((token, id) => [token, id])),
      merges: merges.map((pair) => pair.join(' ')),
    },
  };
}
