import { PostError, type Diagnostic, type ModelGraph } from '@postulate/graph';
import { parseRegex } from '../automata/regex/parse.ts';

/** Errors P304 of the regular expressions written out in a graph, each at its event's place. Reads no data. */
export function patternDiagnostics(graph: ModelGraph): readonly Diagnostic[] {
  return graph.nodes.flatMap((node) => {
    const pattern = node.kind === 'test' ? node.args['pattern'] : undefined;
    return pattern?.kind === 'string' ? diagnose(pattern.value, node) : [];
  });
}

function diagnose(pattern: string, { span }: Pick<Diagnostic, 'span'>): readonly Diagnostic[] {
  try {
    parseRegex(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof PostError)) throw error;
    return placed(error, span).diagnostics;
  }
}

/** The same error, its diagnostics placed at `span` where they have no place of their own. */
export function placed(error: PostError, span: Diagnostic['span']): PostError {
  const diagnostics = error.diagnostics.map((d) => (d.span === undefined && span !== undefined ? { ...d, span } : d));
  return new PostError(diagnostics, error.kind, { cause: error.cause });
}
