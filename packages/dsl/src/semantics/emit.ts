import { deriveRange, type GraphNode, type Moment, type NodeId, operands, type Range, REALS } from '@postulate/graph';
import type { Term, TermId } from './terms.ts';

export interface Emitted {
  readonly nodes: readonly GraphNode[];
  readonly nodeOf: ReadonlyMap<TermId, NodeId>;
}

/** A posterior with every factor since the last base that has to stay a node of its own. */
interface Flat {
  readonly base: TermId;
  readonly factors: readonly TermId[];
  readonly moments: readonly Moment[];
}

/** Factors of a chain of `times` down to what is not one, in the order they were multiplied. */
function unroll(terms: readonly Term[], id: TermId): { readonly base: TermId; readonly factors: readonly TermId[] } {
  const factors: TermId[] = [];
  let base = id;
  for (let t = terms[base]; t.kind === 'times'; t = terms[base]) {
    factors.push(t.factor);
    base = t.base;
  }
  return { base, factors: factors.reverse() };
}

/** A posterior of a posterior is one posterior with the factors of both, unless the inner one has moments. */
function flatten(terms: readonly Term[], id: TermId): Flat | undefined {
  const term = terms[id];
  if (term.kind === 'times') return { ...unroll(terms, id), moments: [] };
  return term.kind === 'subject' ? { ...unroll(terms, term.base), moments: term.moments } : undefined;
}

function childrenOf(term: Term, flat: Flat | undefined): readonly TermId[] {
  if (flat) return [flat.base, ...flat.factors, ...flat.moments.map((m) => m.of)];
  if (term.kind === 'times' || term.kind === 'subject') return [term.base];
  return operands(term);
}

/** The terms that end up as nodes. */
function needed(terms: readonly Term[], roots: readonly TermId[]): ReadonlyMap<TermId, Flat | undefined> {
  const found = new Map<TermId, Flat | undefined>();
  const queue = [...roots];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (found.has(id)) continue;
    const flat = flatten(terms, id);
    found.set(id, flat);
    queue.push(...childrenOf(terms[id], flat));
  }
  return found;
}

function translate(term: Term, flat: Flat | undefined, at: (id: TermId) => NodeId): GraphNode {
  const { type, span, label } = term;
  const about = { type, span, ...(label === undefined ? {} : { label }) };
  if (flat) {
    const moments = flat.moments.map((m) => ({ ...m, of: at(m.of) }));
    return { kind: 'posterior', base: at(flat.base), factors: flat.factors.map(at), moments, ...about };
  }
  switch (term.kind) {
    case 'times':
    case 'subject':
      throw new Error('a posterior without its parts');
    case 'arithmetic':
    case 'compare':
      return { ...term, left: at(term.left), right: at(term.right) };
    case 'negate':
    case 'summary':
    case 'not':
      return { ...term, of: at(term.of) };
    case 'and':
    case 'or':
      return { ...term, of: term.of.map(at) };
    case 'apply':
      return { ...term, args: term.args.map(at) };
    case 'choose':
      return { ...term, condition: at(term.condition), then: at(term.then), else: at(term.else) };
    case 'indicator':
      return { ...term, event: at(term.event) };
    case 'logProb':
      return { ...term, distribution: at(term.distribution) };
    case 'ensemble':
      return { ...term, members: term.members.map(at) };
    case 'gaussian':
      return { ...term, mean: at(term.mean), sd: at(term.sd) };
    case 'mixture':
      return { ...term, components: term.components.map(at) };
    case 'tempered':
      return { ...term, base: at(term.base) };
    default:
      return term;
  }
}

const hasRange = (node: GraphNode): boolean => node.type === 'score' || node.type === 'random';

/** Nodes for everything that `roots` need, each after its operands, with ranges. */
export function emitNodes(terms: readonly Term[], roots: readonly TermId[]): Emitted {
  const nodes: GraphNode[] = [];
  const nodeOf = new Map<TermId, NodeId>();
  const at = (id: TermId): NodeId => nodeOf.get(id) ?? -1;
  const rangeOf = (id: NodeId): Range => nodes[id].range ?? REALS;
  const found = needed(terms, roots);
  const graph = { nodes };
  for (const id of [...found.keys()].sort((a, b) => a - b)) {
    const node = translate(terms[id], found.get(id), at);
    nodeOf.set(id, nodes.length);
    nodes.push(hasRange(node) ? { ...node, range: deriveRange(graph, node, rangeOf, undefined) } : node);
  }
  return { nodes, nodeOf };
}
