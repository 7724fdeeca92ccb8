import type { DiagnosticCode } from './codes.ts';
import type { Span } from './span.ts';

export type Severity = 'error' | 'warning' | 'info';

export interface TextEdit {
  readonly span: Span;
  readonly newText: string;
}

/** A change to the source that would repair what a diagnostic complains of. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

export interface RelatedPlace {
  readonly span: Span;
  readonly message: string;
}

/** One thing to tell the user. `span` is absent where no place of a source is to blame. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  readonly span?: Span | undefined;
  readonly related?: readonly RelatedPlace[];
  readonly fix?: Fix;
  /** What to try, in words, where no mechanical fix exists. */
  readonly help?: string;
}

/** Every phase returns all its diagnostics; `value` is there unless one of them is an error. */
export interface Checked<T> {
  readonly value: T | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((d) => d.severity === 'error');
}

/** The result of a phase: `value` is withheld as soon as one diagnostic is an error. */
export function checked<T>(value: T, diagnostics: readonly Diagnostic[]): Checked<T> {
  return { value: hasErrors(diagnostics) ? undefined : value, diagnostics };
}

/** How a failure is to be read by a caller: decides the exit code of the command line. */
export type FailureKind = 'model' | 'usage' | 'outside';

/** The one error type that crosses a public boundary; it carries every diagnostic. */
export class PostError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  readonly kind: FailureKind;

  constructor(diagnostics: readonly Diagnostic[], kind: FailureKind = 'model', options?: ErrorOptions) {
    super(diagnostics.map((d) => `${d.severity}[${d.code}]: ${d.message}`).join('\n'), options);
    this.name = 'PostError';
    this.diagnostics = diagnostics;
    this.kind = kind;
  }

  /** Code of the first error, for `{ "error": { "code" } }`. */
  get code(): DiagnosticCode {
    return (this.diagnostics.find((d) => d.severity === 'error') ?? this.diagnostics[0])?.code ?? 'P900';
  }
}

/** A `PostError` of one diagnostic. */
export function fail(
  code: DiagnosticCode,
  message: string,
  more: {
    readonly span?: Span | undefined;
    readonly help?: string;
    readonly kind?: FailureKind;
    readonly cause?: unknown;
  } = {},
): PostError {
  const diagnostic: Diagnostic = {
    code,
    severity: 'error',
    message,
    ...(more.span === undefined ? {} : { span: more.span }),
    ...(more.help === undefined ? {} : { help: more.help }),
  };
  return new PostError(
    [diagnostic],
    more.kind ?? 'model',
    more.cause === undefined ? undefined : { cause: more.cause },
  );
}
