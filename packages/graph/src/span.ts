/** A half-open range of UTF-16 code units of one source text. */
export interface Span {
  /** Name of the source: a path as the user gave it, `<stdin>` or `<source>`. */
  readonly source: string;
  readonly start: number;
  readonly end: number;
}

/** A one-based line and column; columns count Unicode code points. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The smallest span that covers both; the two must come from one source. */
export function joinSpans(a: Span, b: Span): Span {
  return { source: a.source, start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** The position of a UTF-16 offset in `text`. */
export function positionAt(text: string, offset: number): Position {
  const end = Math.min(Math.max(offset, 0), text.length);
  let line = 1;
  let lineStart = 0;
  for (let i = text.indexOf('\n'); i !== -1 && i < end; i = text.indexOf('\n', i + 1)) {
    line++;
    lineStart = i + 1;
  }
  return { line, column: [...text.slice(lineStart, end)].length + 1 };
}

/** The whole line that holds `offset`, without its line break. */
export function lineAt(text: string, offset: number): { readonly text: string; readonly start: number } {
  const start = text.lastIndexOf('\n', Math.max(offset, 0) - 1) + 1;
  const end = text.indexOf('\n', start);
  return { text: text.slice(start, end === -1 ? text.length : end).replace(/\r$/, ''), start };
}
