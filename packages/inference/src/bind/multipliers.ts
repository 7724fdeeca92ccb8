import { reachable, type ModelGraph, type NodeId } from '@postulate/graph';

/** λ of the moments of posteriors whose densities are needed as numbers, in the order of each posterior's moments. */
export type Multipliers = ReadonlyMap<NodeId, readonly number[]>;

/** The posteriors with moments that a distribution is built on, inner first; what is raised to a power ends the chain. */
export function momentChain(graph: ModelGraph, id: NodeId): readonly NodeId[] {
  const node = graph.nodes[id];
  if (node.kind !== 'posterior') return [];
  const inner = momentChain(graph, node.base);
  return node.moments.length > 0 ? [...inner, id] : inner;
}

/** Distributions with moments whose unnormalised density some of the nodes need: powers, and `log_prob` of a posterior. */
function densitiesWithMoments(graph: ModelGraph, ids: readonly NodeId[]): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  for (const id of reachable(graph, ids)) {
    const node = graph.nodes[id];
    const of = node.kind === 'tempered' ? node.base : node.kind === 'logProb' ? node.distribution : undefined;
    const outermost = of === undefined ? undefined : momentChain(graph, of).at(-1);
    if (outermost !== undefined) found.add(outermost);
  }
  return found;
}

/**
 * Adds to `known` the multipliers of every posterior whose density `ids` need. `fit` returns those of all moments of a
 * distribution, inner ones first; it finds what that distribution itself needs of others by calling this again.
 */
export async function fitDensities(
  graph: ModelGraph,
  ids: readonly NodeId[],
  known: Map<NodeId, readonly number[]>,
  fit: (id: NodeId) => Promise<readonly number[]>,
): Promise<void> {
  for (const outermost of densitiesWithMoments(graph, ids)) {
    if (known.has(outermost)) continue;
    const lambda = await fit(outermost);
    let from = 0;
    for (const id of momentChain(graph, outermost)) {
      const node = graph.nodes[id];
      const count = node.kind === 'posterior' ? node.moments.length : 0;
      known.set(id, lambda.slice(from, from + count));
      from += count;
    }
  }
}

/** log of what a fitted moment contributes to a density: λ f, or for λ = ±∞ whether the event holds (or does not). */
export function tiltOf(lambda: number): (value: number) => number {
  if (lambda === 0) return () => 0;
  if (Number.isFinite(lambda)) return (v) => lambda * v;
  return (v) => ((v !== 0) === lambda > 0 ? 0 : -Infinity);
}
