import { positionAt, renderDiagnostic, type Diagnostic, type Paint, type Span } from '@postulate/graph';
import type { Colours, Terminal } from './terminal.ts';

function place(span: Span, sources: ReadonlyMap<string, string>) {
  const text = sources.get(span.source);
  const { line, column } = text === undefined ? { line: null, column: null } : positionAt(text, span.start);
  return { file: span.source, line, column, start: span.start, end: span.end };
}

/** A diagnostic as the JSON documents show it: positions are one-based lines and columns beside the offsets. */
export function diagnosticDocument(d: Diagnostic, sources: ReadonlyMap<string, string>) {
  return {
    code: d.code,
    severity: d.severity,
    message: d.message,
    ...(d.span === undefined ? {} : { span: place(d.span, sources) }),
    ...(d.related === undefined
      ? {}
      : { related: d.related.map((r) => ({ message: r.message, span: place(r.span, sources) })) }),
    ...(d.help === undefined ? {} : { help: d.help }),
    ...(d.fix === undefined
      ? {}
      : {
          fix: {
            title: d.fix.title,
            edits: d.fix.edits.map((e) => ({ span: place(e.span, sources), newText: e.newText })),
          },
        }),
  };
}

function paint(colours: Colours): Paint {
  const severities = { error: colours.red, warning: colours.yellow, info: colours.cyan };
  return {
    severity: (text, severity) => colours.bold(severities[severity](text)),
    place: colours.bold,
    caret: colours.cyan,
  };
}

/** Writes diagnostics to standard error, each with its line and a caret. */
export function printDiagnostics(diagnostics: readonly Diagnostic[], terminal: Terminal): void {
  const style = paint(terminal.errColours);
  for (const d of diagnostics) {
    terminal.err(`${renderDiagnostic(d, (name) => terminal.sources.get(name), style)}\n`);
  }
}
