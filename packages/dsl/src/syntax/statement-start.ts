import type { IToken } from 'chevrotain';
import { CLOSERS, OPENERS, STATEMENT_KEYWORDS, endsValue, firstOnLine, inFirstColumn, isName } from './token-kinds.ts';
import * as T from './tokens.ts';

/** What the reader knows when it asks whether a statement starts here. */
export interface Surroundings {
  readonly insideBrackets: boolean;
  /** The innermost open bracket, if any, has no closing one. */
  readonly unclosed: boolean;
  /** The statement so far has its `=`, `:` or `in`. */
  readonly hasBody: boolean;
}

/**
 * Where the next statement starts. In a correct program this is a matter of the grammar alone: a statement keyword, or
 * a name that `=` follows and no operator precedes. Line breaks only help to tell where a broken statement ends.
 */
export function startsStatement(text: string, tokens: readonly IToken[], at: number, around: Surroundings): boolean {
  const token = tokens[at];
  const before = tokens[at - 1];
  if (STATEMENT_KEYWORDS.has(token.tokenType)) return true;
  if (!isName(token) || (before !== undefined && STATEMENT_KEYWORDS.has(before.tokenType))) return false;
  const header = headerLength(tokens, at);
  if (!around.insideBrackets) {
    const onNewLine = firstOnLine(text, token.startOffset);
    if (header > 0) return onNewLine || endsValue(before);
    return onNewLine && around.hasBody && endsValue(before);
  }
  if (header === 0 || !firstOnLine(text, token.startOffset)) return false;
  if (endsValue(before)) return header === 1 || !['E', 'P'].includes(token.image);
  return around.unclosed && inFirstColumn(text, token.startOffset);
}

/** How many tokens stand before the `=` of `name =` or `name(a, b) =`; 0 where this is no such header. */
function headerLength(tokens: readonly IToken[], at: number): number {
  if (tokens[at + 1]?.tokenType === T.Assign) return 1;
  if (tokens[at + 1]?.tokenType !== T.OpenParen) return 0;
  let i = at + 2;
  while (isName(tokens[i]) || tokens[i]?.tokenType === T.Comma) i++;
  return tokens[i]?.tokenType === T.CloseParen && tokens[i + 1]?.tokenType === T.Assign ? i + 1 - at : 0;
}

/** Openers that nothing closes before the next statement keyword or the end of the file. */
export function unclosedOpeners(tokens: readonly IToken[]): ReadonlySet<IToken> {
  const unclosed = new Set<IToken>();
  let open: IToken[] = [];
  const giveUp = (): void => {
    for (const opener of open) unclosed.add(opener);
    open = [];
  };
  for (const token of tokens) {
    if (STATEMENT_KEYWORDS.has(token.tokenType)) giveUp();
    else if (OPENERS.has(token.tokenType)) open.push(token);
    else if (CLOSERS.has(token.tokenType)) open.pop();
  }
  giveUp();
  return unclosed;
}

const AFTER_A_NAME: ReadonlySet<IToken['tokenType']> = new Set([T.Assign, T.Comma, T.Colon, ...CLOSERS]);

/** A reserved word in a place where only a name makes sense. */
export function isMisusedAsName(text: string, tokens: readonly IToken[], at: number): boolean {
  const token = tokens[at];
  if (!T.RESERVED.has(token.tokenType)) return false;
  const next = tokens[at + 1];
  const before = tokens[at - 1];
  if (STATEMENT_KEYWORDS.has(token.tokenType)) {
    return next !== undefined && (AFTER_A_NAME.has(next.tokenType) || T.isInfix(next));
  }
  const introduced = before !== undefined && (before.tokenType === T.Param || before.tokenType === T.Context);
  if (introduced) return true;
  const opens =
    firstOnLine(text, token.startOffset) || before?.tokenType === T.Comma || before?.tokenType === T.OpenParen;
  return next?.tokenType === T.Assign && opens;
}
