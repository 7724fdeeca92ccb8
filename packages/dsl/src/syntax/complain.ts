import { EOF } from 'chevrotain';
import type { IToken, TokenType } from 'chevrotain';
import { describe, describeNext } from './messages.ts';
import { endOf } from './reporter.ts';
import type { Extra, Reporter } from './reporter.ts';
import { shorten } from './shorten.ts';
import { isName } from './token-kinds.ts';
import type { Window } from './token-trees.ts';
import * as T from './tokens.ts';

/** What the grammar stumbled over. */
export interface Stumble {
  readonly expected: string;
  /** `EOF` at the end of the window. */
  readonly token: IToken;
  readonly previous: IToken | undefined;
  readonly window: Window;
}

/** Tokens that stand where something was reported before. */
const REPORTED: ReadonlySet<TokenType> = new Set([T.Unknown, T.Absent]);

/** One message for one place; silent where that place was reported before. */
export function complain(reporter: Reporter, stumble: Stumble): void {
  const { token, previous, window } = stumble;
  if (token.tokenType === EOF) return complainOfEnd(reporter, stumble);
  if (REPORTED.has(token.tokenType) || (previous && REPORTED.has(previous.tokenType))) return;
  const slip = slipOf(stumble);
  const end = token.payload !== undefined && isGroup(token) ? token.startOffset + 1 : endOf(token);
  const message = slip.message ?? `expected ${stumble.expected}, found ${describe(token)}`;
  reporter.error('P002', token.startOffset, Math.min(end, window.endOffset), message, slip.extra);
}

function complainOfEnd(reporter: Reporter, { expected, window, previous }: Stumble): void {
  if (window.broken || (previous && REPORTED.has(previous.tokenType))) return;
  const { end } = window;
  const last = previous?.tokenType === EOF ? undefined : previous;
  const isBracket = 'open' in window;
  if (previous?.tokenType === T.Comma && isBracket) {
    reporter.errorAt('P002', previous, `expected ${expected} after \`,\`, found ${describe(end)}`, {
      fix: { title: 'remove the comma', newText: '' },
    });
  } else if (isBracket || last === undefined) {
    const start = window.endOffset;
    reporter.error('P002', start, end ? endOf(end) : start, `expected ${expected}, found ${describe(end)}`);
  } else {
    const shown = last.payload !== undefined && isGroup(last) ? endOf(last) - 1 : last.startOffset;
    const after = isGroup(last) ? 'this' : `\`${shorten(last.image)}\``;
    reporter.error('P002', shown, endOf(last), `expected ${expected} after ${after}, found ${describeNext(end)}`);
  }
}

function isGroup({ tokenType }: IToken): boolean {
  return tokenType === T.Parens || tokenType === T.Brackets || tokenType === T.Braces || tokenType === T.Conditional;
}

interface Slip {
  readonly message?: string;
  readonly extra?: Extra;
}

/** Words for mistakes that many readers make. */
function slipOf({ expected, token, previous }: Stumble): Slip {
  const type = token.tokenType;
  const wantsName = expected === T.Name.LABEL;
  if (wantsName && T.RESERVED.has(type)) {
    return {
      message: `\`${token.image}\` is a reserved word and cannot be a name`,
      extra: { help: `choose another name, such as \`${token.image}_\`` },
    };
  }
  if (type === T.Assign && expected.startsWith('an operator')) {
    return {
      extra: {
        help: '`==` compares two values; `=` only gives a name its value',
        fix: { title: 'write `==`', newText: '==' },
      },
    };
  }
  if (type === T.Equal && expected === T.Assign.LABEL) {
    return { extra: { fix: { title: 'write `=`', newText: '=' } } };
  }
  if (type === T.Assign && expected === T.Colon.LABEL) {
    return { extra: { help: 'a record pairs keys and values by `:`', fix: { title: 'write `:`', newText: ':' } } };
  }
  if (type === T.Then || type === T.Else) return { message: `\`${token.image}\` without its \`if\`` };
  if (
    expected.startsWith('an operator') &&
    (isName(token) || type === T.NumberLike) &&
    previous?.tokenType === T.NumberLike &&
    !expected.endsWith('range')
  ) {
    return { extra: { help: 'a product is written with `*`' } };
  }
  return {};
}
