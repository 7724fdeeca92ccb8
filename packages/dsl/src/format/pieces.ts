import type { Comment } from '../syntax/ast.ts';
import { firstOnLine } from '../syntax/token-kinds.ts';
import { HARD_LINE, concat } from './doc.ts';
import type { Doc } from './doc.ts';

/** A comment inside a statement, or behind it. */
export interface Placed {
  readonly comment: Comment;
  /** Nothing but blanks stands before it on its line. */
  readonly ownLine: boolean;
}

/** Looks up the comments that follow the leaf token at an offset. */
export type CommentsAfter = (offset: number) => readonly Placed[];

/** Something to print, with what its neighbours must know. */
export interface Piece {
  readonly doc: Doc;
  /** It ends in a comment that only a line break can follow. */
  readonly mustBreak: boolean;
}

export function place(text: string, comment: Comment): Placed {
  return { comment, ownLine: firstOnLine(text, comment.span.start) };
}

/** The text of a comment with the line breaks of this system's output. */
export const commentText = (comment: Comment): string => comment.text.replace(/\r\n?/g, '\n');

/** A token as written, with the comments behind it: those of its line stay on it, the others get lines of their own. */
export function leaf(image: string, comments: readonly Placed[]): Piece {
  if (comments.length === 0) return { doc: image, mustBreak: false };
  const parts: Doc[] = [image];
  let broken = false;
  for (const { comment, ownLine } of comments) {
    const text = commentText(comment);
    if (ownLine || broken) parts.push(HARD_LINE, text);
    else parts.push(` ${text}`);
    broken ||= ownLine || comment.kind !== 'block';
  }
  return { doc: concat(parts), mustBreak: broken };
}

/** What stands between two pieces: `normal`, or a line break where a comment needs one. */
export const between = (before: Piece, normal: Doc): Doc => (before.mustBreak ? HARD_LINE : normal);

/** Comments before a comma go behind it when they end a line. */
export function movesBehindComma(comments: readonly Placed[]): boolean {
  return comments.some((c) => c.ownLine || c.comment.kind !== 'block');
}
