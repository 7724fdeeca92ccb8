/** What a token is: a word or other visible code point, or a code point. */
export type Level = 'word' | 'char';

/** A run of letters (L), decimal digits (Nd) and U+0027, or one other code point that is not white space. */
const WORD = /[\p{L}\p{Nd}']+|\S/gu;

/** The tokens of one text. Word level keeps the case; character level keeps white space. */
export function tokenise(text: string, level: Level): readonly string[] {
  return level === 'char' ? Array.from(text) : (text.match(WORD) ?? []);
}

/** Training texts as one stream of ids: each is `start`, its tokens, `end`. Ids of tokens are by first appearance. */
export interface EncodedCorpus {
  readonly tokens: readonly string[];
  readonly stream: Int32Array;
  /** Id of the end of sequence: the vocabulary's size. */
  readonly end: number;
  /** Id of the start of a sequence: one more. */
  readonly start: number;
}

const START = -1;
const END = -2;

export function encodeCorpus(texts: readonly string[], level: Level): EncodedCorpus {
  const ids = new Map<string, number>();
  const stream: number[] = [];
  for (const text of texts) {
    stream.push(START);
    for (const token of tokenise(text, level)) {
      let id = ids.get(token);
      if (id === undefined) ids.set(token, (id = ids.size));
      stream.push(id);
    }
    stream.push(END);
  }
  const end = ids.size;
  const resolve = (id: number): number => (id === START ? end + 1 : id === END ? end : id);
  return { tokens: [...ids.keys()], stream: Int32Array.from(stream, resolve), end, start: end + 1 };
}
