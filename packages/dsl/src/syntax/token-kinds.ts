import type { IToken, TokenType } from 'chevrotain';
import * as T from './tokens.ts';

export const STATEMENT_KEYWORDS: ReadonlySet<TokenType> = new Set([T.Import, T.Extern, T.Param, T.Context, T.Property]);

const NAMES: ReadonlySet<TokenType> = new Set([T.Name, T.From, T.As, T.To, T.Score, T.Event]);
const TEXTS: ReadonlySet<TokenType> = new Set([T.StringText, T.RawText, T.OpenText, T.QuotedText]);
export const OPENERS: ReadonlySet<TokenType> = new Set([T.OpenParen, T.OpenBracket, T.OpenBrace]);
export const CLOSERS: ReadonlySet<TokenType> = new Set([T.CloseParen, T.CloseBracket, T.CloseBrace]);
const LAST_OF_VALUE: ReadonlySet<TokenType> = new Set([
  ...NAMES,
  ...TEXTS,
  ...CLOSERS,
  T.NumberLike,
  T.True,
  T.False,
  T.Inf,
  T.Unknown,
  T.Absent,
  T.Parens,
  T.Brackets,
  T.Braces,
]);

export function isName(token: IToken | undefined): boolean {
  return token !== undefined && NAMES.has(token.tokenType);
}

export function isText(token: IToken | undefined): boolean {
  return token !== undefined && TEXTS.has(token.tokenType);
}

/** Can a value end with this token, so that another value may not follow it? */
export function endsValue(token: IToken | undefined): boolean {
  return token !== undefined && LAST_OF_VALUE.has(token.tokenType);
}

/** White space other than line breaks. */
export function isBlank(character: string): boolean {
  return ' \t\f\v\uFEFF\u00A0'.includes(character);
}

export function firstOnLine(text: string, offset: number): boolean {
  let i = offset - 1;
  while (i >= 0 && isBlank(text[i])) i--;
  return i < 0 || text[i] === '\n' || text[i] === '\r';
}

export function inFirstColumn(text: string, offset: number): boolean {
  return offset === 0 || text[offset - 1] === '\n' || text[offset - 1] === '\uFEFF';
}
