import { createHash } from 'node:crypto';
import type { GraphNode, ModelGraph, NodeId } from './graph.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** JSON has no infinities; their names stand in. */
function plain(value: unknown): Json {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, plain(v)]));
  }
  return null;
}

const digest = (value: Json): string => createHash('sha256').update(JSON.stringify(value)).digest('hex');

/** State of one traversal: random nodes are told apart by the order in which they are met. */
interface Walk {
  readonly graph: ModelGraph;
  readonly known: Map<NodeId, string>;
  readonly draws: Map<NodeId, number>;
}

/** Operands of an associative, commutative operator, its nested uses flattened. */
function flatten(
  walk: Walk,
  node: GraphNode,
  same: (n: GraphNode) => readonly NodeId[] | undefined,
): readonly NodeId[] {
  return (same(node) ?? []).flatMap((id) => {
    const inner = walk.graph.nodes[id];
    return inner.type === node.type && same(inner) ? flatten(walk, inner, same) : [id];
  });
}

function commutative(walk: Walk, node: GraphNode): Json | undefined {
  if (node.kind === 'arithmetic' && (node.op === 'add' || node.op === 'multiply')) {
    const of = flatten(walk, node, (n) =>
      n.kind === 'arithmetic' && n.op === node.op ? [n.left, n.right] : undefined,
    );
    return [node.op, ...of.map((i) => hashNode(walk, i)).sort()];
  }
  if (node.kind === 'and' || node.kind === 'or') {
    const of = flatten(walk, node, (n) => (n.kind === node.kind ? n.of : undefined));
    return [node.kind, ...new Set(of.map((i) => hashNode(walk, i)).sort())];
  }
  return undefined;
}

function posterior(walk: Walk, node: GraphNode): Json | undefined {
  if (node.kind !== 'posterior') return undefined;
  const factors = node.factors.map((i) => hashNode(walk, i)).sort();
  const moments = node.moments.map((m) => [hashNode(walk, m.of), m.relation, plain(m.value)]);
  return ['posterior', hashNode(walk, node.base), factors, moments];
}

/** Every field but what is only for reading: names, places, types, ranges and which param a number came from. */
function literal(walk: Walk, node: GraphNode): Json {
  const { span: _span, label: _label, type: _type, range: _range, ...rest } = node;
  const child = (id: NodeId): string => hashNode(walk, id);
  const replaced: Record<string, unknown> = { ...rest };
  delete replaced['param'];
  for (const key of [
    'left',
    'right',
    'of',
    'condition',
    'then',
    'else',
    'event',
    'distribution',
    'mean',
    'sd',
    'base',
  ]) {
    if (typeof replaced[key] === 'number') replaced[key] = child(replaced[key]);
  }
  if (node.kind === 'apply') replaced['args'] = node.args.map(child);
  if (node.kind === 'ensemble') replaced['members'] = node.members.map(child);
  if (node.kind === 'mixture') replaced['components'] = node.components.map(child);
  if (node.kind === 'ensemble' || node.kind === 'gaussian') {
    replaced['draw'] = walk.draws.get(walk.graph.nodes.indexOf(node)) ?? null;
  }
  return plain(replaced);
}

function hashNode(walk: Walk, id: NodeId): string {
  const seen = walk.known.get(id);
  if (seen) return seen;
  const node = walk.graph.nodes[id];
  if (node.type === 'random' && !walk.draws.has(id)) walk.draws.set(id, walk.draws.size);
  const hash = digest(commutative(walk, node) ?? posterior(walk, node) ?? literal(walk, node));
  walk.known.set(id, hash);
  return hash;
}

/**
 * Canonical hash of what a node means: 16 hexadecimal digits of a SHA-256. Names, comments, layout, the order of
 * factors, of sums, products, conjunctions and disjunctions do not enter; numbers that params take do.
 */
export function graphHash(graph: ModelGraph, id: NodeId): string {
  return hashNode({ graph, known: new Map(), draws: new Map() }, id).slice(0, 16);
}
