import { reachable, type Argument, type ModelGraph, type NodeId } from '@postulate/graph';

function contextsOf(argument: Argument): readonly string[] {
  switch (argument.kind) {
    case 'context':
      return [argument.name];
    case 'list':
      return argument.items.flatMap(contextsOf);
    case 'record':
      return argument.entries.flatMap(([, v]) => contextsOf(v));
    default:
      return [];
  }
}

/** Names of the context variables that a node depends on. */
export function contextNames(graph: ModelGraph, id: NodeId): ReadonlySet<string> {
  const names = new Set<string>();
  for (const i of reachable(graph, [id])) {
    const node = graph.nodes[i];
    if (!('args' in node) || Array.isArray(node.args)) continue;
    for (const a of Object.values(node.args as Readonly<Record<string, Argument>>))
      contextsOf(a).forEach((n) => names.add(n));
  }
  return names;
}
