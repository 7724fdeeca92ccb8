import type { Diagnostic, Severity } from './diagnostic.ts';
import { lineAt, positionAt, type Span } from './span.ts';

/** Wraps parts of a rendered diagnostic, for a terminal; the default leaves them plain. */
export interface Paint {
  readonly severity: (text: string, severity: Severity) => string;
  readonly place: (text: string) => string;
  readonly caret: (text: string) => string;
}

const PLAIN: Paint = { severity: (t) => t, place: (t) => t, caret: (t) => t };

/** Longest part of a source line that is shown; longer lines are cut around the culprit. */
const WIDTH = 100;

/** Tabs count as one blank and control characters as one mark, so that the caret stands under its culprit. */
function visible(text: string): string {
  return text.replaceAll('\t', ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** The source line with a caret line under it. */
function snippet(text: string, span: Span, paint: Paint): readonly string[] {
  const line = lineAt(text, span.start);
  const [start, end] = [span.start - line.start, Math.max(span.end, span.start) - line.start];
  // Slices are cut before they are spread: a line may be megabytes long.
  const before = [...visible(line.text.slice(Math.max(0, start - 4 * WIDTH), start))];
  const marked = [...visible(line.text.slice(start, Math.min(end, start + 2 * WIDTH)))];
  const after = [...visible(line.text.slice(end, end + 2 * WIDTH))];
  const shift = Math.max(0, before.length - WIDTH + 40);
  const head = (shift > 0 ? '…' : '') + before.slice(shift).join('');
  const room = Math.max(1, WIDTH - [...head].length);
  const shown = marked.slice(0, room);
  const tail = after.slice(0, Math.max(0, room - shown.length));
  const source = head + shown.join('') + tail.join('');
  return [`  ${source}`, `  ${' '.repeat([...head].length)}${paint.caret('^'.repeat(Math.max(1, shown.length)))}`];
}

function place(span: Span, sources: (name: string) => string | undefined): string {
  const text = sources(span.source);
  if (text === undefined) return span.source;
  const { line, column } = positionAt(text, span.start);
  return `${span.source}:${line}:${column}`;
}

/**
 * `file:line:col: severity[code]: message`, then the source line with a caret, related places, help and fix.
 * `source` is the text of the file, or a function that finds the text by the file's name.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  source?: string | ((name: string) => string | undefined),
  paint: Paint = PLAIN,
): string {
  const sources = typeof source === 'function' ? source : () => source;
  const { span, severity, code, message } = diagnostic;
  const kind = paint.severity(`${severity}[${code}]`, severity);
  const lines = [`${span ? `${paint.place(place(span, sources))}: ` : ''}${kind}: ${message}`];
  const text = span && sources(span.source);
  if (span && text !== undefined) lines.push(...snippet(text, span, paint));
  for (const r of diagnostic.related ?? []) lines.push(`  note: ${place(r.span, sources)}: ${r.message}`);
  if (diagnostic.help !== undefined) lines.push(`  help: ${diagnostic.help}`);
  if (diagnostic.fix !== undefined) lines.push(`  fix: ${diagnostic.fix.title}`);
  return lines.join('\n');
}
