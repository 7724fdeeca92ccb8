import type { Span } from '@postulate/graph';
import type { IToken } from 'chevrotain';
import type { Lexed } from './lexer.ts';
import { endOf } from './reporter.ts';
import { isName, isText } from './token-kinds.ts';
import * as T from './tokens.ts';

export type TokenKind = 'keyword' | 'name' | 'number' | 'string' | 'operator' | 'punctuation' | 'comment' | 'invalid';

/** One token as written. */
export interface TokenInfo {
  readonly kind: TokenKind;
  readonly text: string;
  readonly span: Span;
}

/** Tokens and comments in order of place. */
export function tokenInfos({ tokens, comments }: Lexed, source: string): readonly TokenInfo[] {
  return [...tokens, ...comments]
    .sort((a, b) => a.startOffset - b.startOffset)
    .map((token) => ({
      kind: kindOf(token),
      text: token.image,
      span: { source, start: token.startOffset, end: endOf(token) },
    }));
}

function kindOf(token: IToken): TokenKind {
  const type = token.tokenType;
  if (type.GROUP === 'comments') return 'comment';
  if (T.RESERVED.has(type)) return 'keyword';
  if (isName(token)) return 'name';
  if (type === T.NumberLike) return 'number';
  if (type === T.StringText || type === T.RawText) return 'string';
  if (isText(token) || type === T.Slip || type === T.Unknown) return 'invalid';
  return T.isInfix(token) ? 'operator' : 'punctuation';
}
