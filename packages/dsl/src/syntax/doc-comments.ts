import type { Comment } from './ast.ts';
import { firstOnLine, isBlank } from './token-kinds.ts';

/** Finds the text of the `///` lines directly above the statement at an offset. */
export function docComments(
  text: string,
  comments: readonly Comment[],
): (statementStart: number) => string | undefined {
  const byEnd = new Map<number, Comment>();
  for (const comment of comments) {
    if (comment.kind === 'doc' && firstOnLine(text, comment.span.start)) byEnd.set(comment.span.end, comment);
  }
  return (statementStart) => {
    const lines: string[] = [];
    let next = byEnd.get(endOfLineAbove(text, statementStart));
    while (next !== undefined) {
      lines.unshift(next.text.slice(3).replace(/^ /, '').trimEnd());
      next = byEnd.get(endOfLineAbove(text, next.span.start));
    }
    return lines.length === 0 ? undefined : lines.join('\n');
  };
}

/** End of the text on the line above, where only blanks and one line break lie between; else -1. */
function endOfLineAbove(text: string, offset: number): number {
  let i = offset;
  while (i > 0 && isBlank(text[i - 1])) i--;
  if (text[i - 1] === '\r') return i - 1;
  if (text[i - 1] !== '\n') return -1;
  return text[i - 2] === '\r' ? i - 2 : i - 1;
}
