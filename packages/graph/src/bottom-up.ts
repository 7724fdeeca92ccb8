import { operands, type GraphNode, type ModelGraph, type NodeId } from './graph.ts';

/**
 * A value for every node from the values of its operands, each worked out once and when it is asked for. Goes by a list
 * of what is left to do, because a chain of definitions may be longer than the call stack.
 */
export function bottomUp<T>(
  graph: Pick<ModelGraph, 'nodes'>,
  derive: (node: GraphNode, of: (id: NodeId) => T) => T,
): (id: NodeId) => T {
  const known = new Map<NodeId, T>();
  const of = (id: NodeId): T => {
    for (const left = [id]; !known.has(id);) {
      const next = left[left.length - 1];
      const waiting = operands(graph.nodes[next]).filter((o) => !known.has(o));
      if (waiting.length > 0) left.push(...waiting);
      else known.set(next, derive(graph.nodes[left.pop()!], of));
    }
    return known.get(id) as T;
  };
  return of;
}
