import { Tokenizer } from '@huggingface/tokenizers';
import { PIECE } from './pre-tokenise.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

/**
 * Encodes texts with a tokenizer that `trainBpe` made, piece by piece: nothing merges across pieces, so that each is encoded once
 * however often it occurs. The special tokens of the file are not looked for in the texts.
 */
export function fastEncoder(json: TokenizerJson): (text: string) => Int32Array {
  const tokenizer = new Tokenizer({ ...json, added_tokens: [] }, {});
  const known = new Map<string, readonly number[]>();
  return (text) => {
    const ids: number[] = [];
    for (const piece of text.match(PIECE) ?? []) {
      const own = known.get(piece) ?? tokenizer.encode(piece).ids;
      known.set(piece, own);
      ids.push(...own);
    }
    return Int32Array.from(ids);
  };
}
