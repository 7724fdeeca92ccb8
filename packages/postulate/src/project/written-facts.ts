import type { ModelGraph, NodeId, PriorFacts } from '@postulate/graph';

/** What the file alone tells of every text of a prior, before the prior is bound. */
export function writtenFacts(graph: ModelGraph, prior: NodeId): PriorFacts {
  const node = graph.nodes[prior];
  if (node.kind === 'mixture') return writtenFacts(graph, node.components[0]);
  if (node.kind !== 'prior') return { maxTokens: Infinity, maxChars: Infinity };
  const { weights, max_tokens: most } = node.args;
  if (node.name === 'tabular' && weights?.kind === 'record') {
    const longest = weights.entries.reduce((most, [text]) => Math.max(most, [...text].length), 0);
    return { maxTokens: 1, maxChars: longest };
  }
  return { maxTokens: most?.kind === 'number' ? most.value : Infinity, maxChars: Infinity };
}
