/**
 * Layout documents in the manner of Wadler's "A prettier printer" (2003): a group is set on one line where it fits,
 * else each of its own lines breaks.
 */
export type Doc =
  | string
  | { readonly kind: 'concat'; readonly parts: readonly Doc[]; readonly breaks: boolean }
  | { readonly kind: 'indent' | 'group'; readonly body: Doc; readonly breaks: boolean }
  /** `flat` is what stands on one line instead of a break; `hard` breaks always. */
  | { readonly kind: 'line'; readonly flat: string; readonly breaks: boolean };

export const LINE: Doc = { kind: 'line', flat: ' ', breaks: false };
export const SOFT_LINE: Doc = { kind: 'line', flat: '', breaks: false };
export const HARD_LINE: Doc = { kind: 'line', flat: '', breaks: true };

const breaks = (doc: Doc): boolean => (typeof doc === 'string' ? doc.includes('\n') : doc.breaks);

export const concat = (parts: readonly Doc[]): Doc => ({ kind: 'concat', parts, breaks: parts.some(breaks) });
export const indent = (body: Doc): Doc => ({ kind: 'indent', body, breaks: breaks(body) });
export const group = (body: Doc): Doc => ({ kind: 'group', body, breaks: breaks(body) });

const INDENT = 2;

interface Command {
  readonly doc: Doc;
  readonly level: number;
  readonly flat: boolean;
}

/** Sets a document in lines of at most `width` columns where its breaks allow; linear, without recursion. */
export function render(doc: Doc, width: number): string {
  const out: string[] = [];
  let column = 0;
  const todo: Command[] = [{ doc, level: 0, flat: false }];
  for (let command = todo.pop(); command !== undefined; command = todo.pop()) {
    const { doc: next, level, flat } = command;
    if (typeof next === 'string') {
      out.push(next);
      const lastBreak = next.lastIndexOf('\n');
      column = lastBreak === -1 ? column + columns(next) : columns(next.slice(lastBreak + 1));
    } else if (next.kind === 'line') {
      if (flat) out.push(next.flat);
      else out.push(`\n${' '.repeat(level * INDENT)}`);
      column = flat ? column + next.flat.length : level * INDENT;
    } else if (next.kind === 'group') {
      const fitsHere = flat || (!next.breaks && fits({ doc: next.body, level, flat: true }, todo, width - column));
      todo.push({ doc: next.body, level, flat: fitsHere });
    } else pushParts(todo, next, level, flat);
  }
  return out.join('');
}

function pushParts(todo: Command[], doc: Exclude<Doc, string>, level: number, flat: boolean): void {
  if (doc.kind === 'concat') {
    for (let i = doc.parts.length - 1; i >= 0; i--) todo.push({ doc: doc.parts[i], level, flat });
  } else if (doc.kind === 'indent') todo.push({ doc: doc.body, level: level + 1, flat });
}

/** Does `command`, and what follows it up to the next break, fit into the room left? */
function fits(command: Command, rest: readonly Command[], room: number): boolean {
  const todo: Command[] = [command];
  let below = rest.length;
  for (let left = room; left >= 0;) {
    const next = todo.pop() ?? rest[--below];
    if (next === undefined) return true;
    const { doc, level, flat } = next;
    if (typeof doc === 'string') {
      const end = doc.indexOf('\n');
      left -= columns(end === -1 ? doc : doc.slice(0, end));
      if (end !== -1) return left >= 0;
    } else if (doc.kind === 'line') {
      if (!flat || doc.breaks) return true;
      left -= doc.flat.length;
    } else if (doc.kind === 'group') todo.push({ doc: doc.body, level, flat: flat && !doc.breaks });
    else pushParts(todo, doc, level, flat);
  }
  return false;
}

/** Code points; one that the terminal sets double counts as one. */
function columns(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}
