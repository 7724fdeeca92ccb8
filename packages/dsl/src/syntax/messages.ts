import type { IToken } from 'chevrotain';
import { STATEMENT_KEYWORDS, isName, isText } from './token-kinds.ts';
import * as T from './tokens.ts';
import { shorten } from './shorten.ts';

/** What was found where a statement ended. */
export function describeNext(token: IToken | undefined): string {
  return token === undefined ? 'the end of the file' : `a new statement, \`${shorten(token.image)} …\``;
}

/** What was found, in the words of a reader. */
export function describe(token: IToken | undefined): string {
  if (token === undefined) return 'the end of the file';
  const type = token.tokenType;
  if (STATEMENT_KEYWORDS.has(type)) return describeNext(token);
  if (isName(token)) return `the name \`${shorten(token.image)}\``;
  if (isText(token)) return `the string ${shorten(token.image)}`;
  if (type === T.NumberLike) return `the number \`${shorten(token.image)}\``;
  if (type === T.Parens || type === T.Brackets || type === T.Braces) return `\`${token.image[0]}\``;
  if (type === T.Conditional) return '`if`';
  return `\`${shorten(token.image)}\``;
}
