import { fail, PostError, type DiagnosticCode } from '@postulate/graph';
import { diagnosticDocument, printDiagnostics } from './diagnostics.ts';
import { toJson } from './json.ts';
import type { Terminal } from './terminal.ts';

export const EXIT = { done: 0, model: 1, usage: 2, outside: 3, interrupted: 130 } as const;

/** Codes that speak of the command's arguments rather than of the file, whoever raises them. */
const ABOUT_ARGUMENTS: ReadonlySet<DiagnosticCode> = new Set(['P305', 'P401', 'P407', 'P601', 'P602', 'P901']);

/** Any thrown value as the one error type. */
export function asPostError(error: unknown): PostError {
  if (error instanceof PostError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return fail('P902', 'interrupted before anything was finished.', { cause: error });
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (error instanceof Error && typeof code === 'string' && /^E[A-Z]+$/.test(code)) {
    return fail('P500', error.message, { kind: 'outside', cause: error });
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return fail('P900', `this should not have happened: ${message}`, {
    kind: 'outside',
    cause: error,
    help: 'please report it with the file and the command that led here',
  });
}

export function exitCode(error: PostError): number {
  if (error.code === 'P902') return EXIT.interrupted;
  const errors = error.diagnostics.filter((d) => d.severity === 'error');
  if (errors.length > 0 && errors.every((d) => ABOUT_ARGUMENTS.has(d.code))) return EXIT.usage;
  return EXIT[error.kind];
}

/** Tells the user what failed, in the form asked for, and returns the exit code. `kept` is what there is all the same, for `--json`. */
export function reportFailure(thrown: unknown, terminal: Terminal, kept: object = {}): number {
  const error = asPostError(thrown);
  if (terminal.json) {
    const first = error.diagnostics.find((d) => d.severity === 'error') ?? error.diagnostics[0];
    const diagnostics = error.diagnostics.map((d) => diagnosticDocument(d, terminal.sources));
    const message = first?.message ?? error.message;
    terminal.out(`${toJson({ ...kept, error: { code: error.code, message, diagnostics } })}\n`);
  } else {
    printDiagnostics(error.diagnostics, terminal);
  }
  return exitCode(error);
}
