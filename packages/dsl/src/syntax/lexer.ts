import { Lexer } from 'chevrotain';
import type { IToken, TokenType } from 'chevrotain';
import { LEXER_TOKENS, Unknown } from './tokens.ts';

/** Tokens in order of place, offsets only; what no pattern reads is an `Unknown` token. */
export interface Lexed {
  readonly tokens: IToken[];
  readonly comments: IToken[];
}

let lexer: Lexer | undefined;

const shared = (): Lexer =>
  (lexer ??= new Lexer(LEXER_TOKENS, {
    positionTracking: 'onlyOffset',
    ensureOptimizations: true,
    skipValidations: true,
  }));

/** Never throws; linear in the length of the text. */
export function lex(text: string): Lexed {
  const { tokens, groups, errors } = shared().tokenize(text);
  const unknown = errors.map((e) => tokenOf(Unknown, text, e.offset, e.offset + e.length));
  return { tokens: mergeWords(mergeByPlace(tokens, unknown), text), comments: groups['comments'] ?? [] };
}

/** A token that did not come from the lexer; `end` is exclusive. */
export function tokenOf(type: TokenType, text: string, start: number, end: number, payload?: unknown): IToken {
  return {
    image: text.slice(start, end),
    startOffset: start,
    endOffset: end - 1,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx ?? 0,
    payload,
  };
}

/** The token read as another one; the text stays. */
export function retag(token: IToken, type: TokenType): IToken {
  return { ...token, tokenType: type, tokenTypeIdx: type.tokenTypeIdx ?? 0 };
}

function mergeByPlace(tokens: IToken[], unknown: readonly IToken[]): IToken[] {
  if (unknown.length === 0) return tokens;
  const merged: IToken[] = [];
  let next = 0;
  for (const token of tokens) {
    while (next < unknown.length && unknown[next].startOffset < token.startOffset) merged.push(unknown[next++]);
    merged.push(token);
  }
  return merged.concat(unknown.slice(next));
}

const LETTERS = /^[\p{L}\p{M}\p{N}_]+$/u;
/** Nobody writes a longer word, and the engine of regular expressions has a stack. */
const LONGEST_WORD = 200;

/** Is this token a word, in any script? */
export const isWord = ({ image }: IToken): boolean => image.length <= LONGEST_WORD && LETTERS.test(image);

/** Joins the pieces of a word such as `naïve`, so that one message speaks of the whole name. */
function mergeWords(tokens: IToken[], text: string): IToken[] {
  if (!tokens.some((t) => t.tokenType === Unknown)) return tokens;
  const merged: IToken[] = [];
  let wordSoFar = false;
  for (const token of tokens) {
    const before = merged.at(-1);
    const touching = before !== undefined && before.startOffset + before.image.length === token.startOffset;
    const strange = before?.tokenType === Unknown || token.tokenType === Unknown;
    const letters = isWord(token);
    if (touching && strange && wordSoFar && letters) {
      merged[merged.length - 1] = tokenOf(Unknown, text, before.startOffset, token.startOffset + token.image.length);
    } else {
      merged.push(token);
      wordSoFar = letters;
    }
  }
  return merged;
}
