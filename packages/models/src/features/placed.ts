import { PostError, type Diagnostic } from '@postulate/graph';

/** The same error, its diagnostics placed at `span` where they have no place of their own. */
export function placed(error: PostError, span: Diagnostic['span']): PostError {
  const diagnostics = error.diagnostics.map((d) => (d.span === undefined && span !== undefined ? { ...d, span } : d));
  return new PostError(diagnostics, error.kind, { cause: error.cause });
}
