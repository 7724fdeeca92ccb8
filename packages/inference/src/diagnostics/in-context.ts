import { PostError, type Diagnostic } from '@postulate/graph';

/** Errors that a member of a family has on its own account; wrong options are everyone's. */
const isOwn = (d: Diagnostic): boolean => /^P[4567]/.test(d.code) && d.code !== 'P601' && d.code !== 'P602';

/** The same error, saying which member of a family of contexts it is about. */
export function inContext(error: unknown, context: Readonly<Record<string, string>>): unknown {
  const values = Object.entries(context).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);
  if (values.length === 0 || !(error instanceof PostError)) return error;
  const where = `in the context ${values.join(', ')}: `;
  const diagnostics = error.diagnostics.map((d) => (isOwn(d) ? { ...d, message: where + d.message } : d));
  return new PostError(diagnostics, error.kind, { cause: error.cause });
}
