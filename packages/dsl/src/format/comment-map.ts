import type { Comment, Program } from '../syntax/ast.ts';
import type { TokenInfo } from '../syntax/token-info.ts';
import { movesBehindComma, place } from './pieces.ts';
import type { Placed } from './pieces.ts';

export interface CommentMap {
  /** Comments inside statements, by the offset of the token before them. */
  readonly inside: ReadonlyMap<number, readonly Placed[]>;
  /** Comments before, between and behind statements, in order. */
  readonly outside: readonly Placed[];
}

/** Says for every comment of a text what it belongs to. */
export function mapComments(text: string, program: Program, tokens: readonly TokenInfo[]): CommentMap {
  const ends = new Set(program.statements.map((s) => s.span.end));
  const byOffset = new Map(program.comments.map((c): [number, Comment] => [c.span.start, c]));
  const inside = new Map<number, Placed[]>();
  const outside: Placed[] = [];
  let before: TokenInfo | undefined;
  for (const token of tokens) {
    const comment = token.kind === 'comment' ? byOffset.get(token.span.start) : undefined;
    if (comment === undefined) {
      if (token.text === ',' && before !== undefined) moveBehindComma(inside, before, token);
      before = token;
    } else if (before === undefined || ends.has(before.span.end)) outside.push(place(text, comment));
    else push(inside, before.span.start, place(text, comment));
  }
  return { inside, outside };
}

function moveBehindComma(inside: Map<number, Placed[]>, before: TokenInfo, comma: TokenInfo): void {
  const comments = inside.get(before.span.start);
  if (comments === undefined || !movesBehindComma(comments)) return;
  inside.delete(before.span.start);
  inside.set(comma.span.start, comments);
}

function push(map: Map<number, Placed[]>, key: number, value: Placed): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
