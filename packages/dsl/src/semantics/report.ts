import type { Diagnostic, DiagnosticCode, Fix, RelatedPlace, Severity, Span } from '@postulate/graph';

export interface More {
  readonly help?: string;
  readonly fix?: Fix | undefined;
  readonly related?: readonly RelatedPlace[];
}

export interface Report {
  readonly diagnostics: readonly Diagnostic[];
  error(code: DiagnosticCode, span: Span | undefined, message: string, more?: More): void;
  warning(code: DiagnosticCode, span: Span | undefined, message: string, more?: More): void;
}

/** Collects diagnostics, each place and message once: a function body is checked at many calls. */
export function createReport(): Report {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  const add = (
    severity: Severity,
    code: DiagnosticCode,
    span: Span | undefined,
    message: string,
    more?: More,
  ): void => {
    const key = `${code} ${span?.source} ${span?.start} ${span?.end} ${message}`;
    if (seen.has(key)) return;
    seen.add(key);
    const related = more?.related?.length ? { related: more.related } : {};
    // A fix says what it does; help that says the same would only repeat it.
    const help = more?.help === undefined || more.help === more.fix?.title ? {} : { help: more.help };
    const fix = more?.fix === undefined ? {} : { fix: more.fix };
    diagnostics.push({ code, severity, message, span, ...related, ...fix, ...help });
  };
  return {
    diagnostics,
    error: (code, span, message, more) => add('error', code, span, message, more),
    warning: (code, span, message, more) => add('warning', code, span, message, more),
  };
}

/** An edit that puts `before` and `after` around a place. */
export function wrapFix(title: string, span: Span, before: string, after: string): Fix {
  return {
    title,
    edits: [
      { span: { ...span, end: span.start }, newText: before },
      { span: { ...span, start: span.end }, newText: after },
    ],
  };
}

/** By file as first met, then by place; what has no place comes first. */
export function inOrder(diagnostics: readonly Diagnostic[], sources: readonly string[]): readonly Diagnostic[] {
  const rank = (d: Diagnostic): number => (d.span ? sources.indexOf(d.span.source) : -1);
  return [...diagnostics].sort((a, b) => rank(a) - rank(b) || (a.span?.start ?? 0) - (b.span?.start ?? 0));
}
