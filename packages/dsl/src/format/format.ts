import { checked } from '@postulate/graph';
import type { Checked } from '@postulate/graph';
import { parseToTrees } from '../syntax/parse.ts';
import { mapComments } from './comment-map.ts';
import { render } from './doc.ts';
import { Layout } from './layout.ts';
import { commentText } from './pieces.ts';
import type { Placed } from './pieces.ts';

/** Columns of a line, where breaks between tokens allow. */
export const LINE_WIDTH = 100;

/** A statement or a comment of its own. */
interface Item {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** It stands behind the item before it, on the same line. */
  readonly behind: boolean;
}

/**
 * The one canonical layout. Keeps every comment, all numbers and strings as written, and at most one blank line between
 * statements; formatting the result again changes nothing. A text with syntax errors has no value, only its errors.
 */
export function format(text: string, source: string): Checked<string> {
  const { parsed, windows } = parseToTrees(text, source);
  const { program, diagnostics } = parsed;
  if (diagnostics.length > 0) return checked('', diagnostics);
  const comments = mapComments(text, program, parsed.tokens);
  const layout = new Layout((offset) => comments.inside.get(offset) ?? []);
  const statements = program.statements.map((statement, i): Item => {
    const { start, end } = statement.span;
    return { start, end, text: render(layout.statement(windows[i].items), LINE_WIDTH), behind: false };
  });
  const items = [...statements, ...comments.outside.map(commentItem)].sort((a, b) => a.start - b.start);
  return checked(joinItems(text, items), diagnostics);
}

function commentItem({ comment, ownLine }: Placed): Item {
  const { start, end } = comment.span;
  return { start, end, text: commentText(comment), behind: !ownLine };
}

function joinItems(text: string, items: readonly Item[]): string {
  const out: string[] = [];
  items.forEach((item, i) => {
    if (i > 0) out.push(item.behind ? ' ' : hasBlankLine(text.slice(items[i - 1].end, item.start)) ? '\n\n' : '\n');
    out.push(item.text);
  });
  return out.length === 0 ? '' : `${out.join('')}\n`;
}

const hasBlankLine = (gap: string): boolean => (gap.match(/\r\n|\r|\n/g)?.length ?? 0) > 1;
