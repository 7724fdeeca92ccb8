import { operands, type Argument, type ModelGraph, type NodeId } from '@postulate/graph';

/** Every node that `roots` are made of, themselves included. */
export function reachable(graph: ModelGraph, roots: readonly NodeId[]): ReadonlySet<NodeId> {
  const seen = new Set<NodeId>();
  const stack = [...roots];
  while (stack.length > 0) {
    const id = stack.pop()!;
    if (seen.has(id)) continue;
    seen.add(id);
    stack.push(...operands(graph.nodes[id]));
  }
  return seen;
}

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

/** Names of the priors and mixtures that a node reads. */
export function modelsBelow(graph: ModelGraph, id: NodeId): readonly NodeId[] {
  return [...reachable(graph, [id])].filter(
    (i) => graph.nodes[i].kind === 'prior' || graph.nodes[i].kind === 'mixture',
  );
}
