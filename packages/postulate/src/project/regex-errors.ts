import { PostError, type Diagnostic, type ModelGraph, type NodeOf } from '@postulate/graph';

type TestNode = NodeOf<'test'>;

const hasPattern = (node: { readonly kind: string; readonly name?: string }): boolean =>
  node.kind === 'test' && (node.name === 'matches' || node.name === 'finds');

/** P304 for each regular expression of the file that cannot be one, at its place. */
export async function regexErrors(graph: ModelGraph): Promise<readonly Diagnostic[]> {
  const tests = graph.nodes.filter(hasPattern) as readonly TestNode[];
  if (tests.length === 0) return [];
  const { parseRegex } = await import('@postulate/models');
  return tests.flatMap((test) => {
    const pattern = test.args.pattern;
    if (pattern?.kind !== 'string') return [];
    try {
      parseRegex(pattern.value);
      return [];
    } catch (error) {
      if (!(error instanceof PostError)) throw error;
      return error.diagnostics.map((d) => ({ ...d, span: d.span ?? test.span }));
    }
  });
}
