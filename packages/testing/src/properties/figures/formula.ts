import {
  leftmostPrior,
  type Claim,
  type GraphNode,
  type ModelGraph,
  type NodeId,
  type ScoreNode,
} from '@postulate/graph';

/** A number that the engines know of one distribution. */
export type Atom =
  | { readonly kind: 'mean'; readonly under: NodeId; readonly of: NodeId }
  | { readonly kind: 'logZ' | 'entropy' | 'klToPrior'; readonly under: NodeId };

/** How much of an atom: a number, or the multiplier of a moment of a fitted posterior. */
export type Coefficient = number | { readonly multiplierOf: NodeId; readonly index: number; readonly times: number };

export interface Term {
  readonly atom: Atom;
  readonly coefficient: Coefficient;
}

/** Σ coefficient · atom; infinite where one of the events `never` has probability above 0 under its distribution. */
export interface Formula {
  readonly terms: readonly Term[];
  readonly never: readonly { readonly under: NodeId; readonly event: NodeId }[];
}

export type Leaf = Extract<Claim, { readonly kind: 'mean' | 'divergence' | 'functional' }>;

/** Adds nodes to a graph, which numbers them after its own. */
export class GraphBuilder {
  readonly nodes: GraphNode[];

  constructor(private readonly base: ModelGraph) {
    this.nodes = [...base.nodes];
  }

  get graph(): ModelGraph {
    return { ...this.base, nodes: this.nodes };
  }

  score(body: ScoreNode): NodeId {
    this.nodes.push({ ...body, type: 'score' });
    return this.nodes.length - 1;
  }

  not(of: NodeId): NodeId {
    this.nodes.push({ kind: 'not', of, type: 'event' });
    return this.nodes.length - 1;
  }
}

const one = (atom: Atom, coefficient: Coefficient = 1): Term => ({ atom, coefficient });

/** log φ of a factor as terms, with the events that make it zero; undefined where it has no such form. */
function logFactor(b: GraphBuilder, under: NodeId, id: NodeId, by: number): Formula | undefined {
  const node = b.nodes[id];
  switch (node.kind) {
    case 'indicator':
      return { terms: [], never: [{ under, event: b.not(node.event) }] };
    case 'apply':
      return node.fn === 'exp'
        ? { terms: [one({ kind: 'mean', under, of: node.args[0] }, by)], never: [] }
        : logScore(b, under, id, by);
    case 'arithmetic': {
      if (node.op !== 'multiply' && node.op !== 'divide') return logScore(b, under, id, by);
      const left = logFactor(b, under, node.left, by);
      const right = logFactor(b, under, node.right, node.op === 'multiply' ? by : -by);
      return left && right && sum([left, right]);
    }
    default:
      return logScore(b, under, id, by);
  }
}

/** A factor that is never 0 has a finite log, which is a score like another. */
function logScore(b: GraphBuilder, under: NodeId, id: NodeId, by: number): Formula | undefined {
  const lowest = b.nodes[id].range;
  if (lowest === undefined || !(lowest.lo > 0 || (lowest.lo === 0 && lowest.loOpen))) return undefined;
  const of = b.score({ kind: 'apply', fn: 'log', args: [id] });
  return { terms: [one({ kind: 'mean', under, of }, by)], never: [] };
}

function sum(formulas: readonly Formula[]): Formula {
  return { terms: formulas.flatMap((f) => f.terms), never: formulas.flatMap((f) => f.never) };
}

/** E over `under` of the log of a distribution's factors and tilts; undefined where they have no such form. */
function logRatio(b: GraphBuilder, under: NodeId, id: NodeId): Formula | undefined {
  const node = b.nodes[id];
  if (node.kind === 'prior' || node.kind === 'mixture') return { terms: [], never: [] };
  if (node.kind !== 'posterior') return undefined;
  const parts = [logRatio(b, under, node.base), ...node.factors.map((f) => logFactor(b, under, f, 1))];
  const known = parts.filter((p) => p !== undefined);
  if (known.length < parts.length) return undefined;
  const certain = node.moments.some((m) => b.nodes[m.of].type === 'event' && (m.value <= 0 || m.value >= 1));
  if (certain) return undefined;
  const tilts = node.moments.map((m, index) =>
    one({ kind: 'mean', under, of: m.of }, { multiplierOf: id, index, times: 1 }),
  );
  return sum([...known, { terms: tilts, never: [] }]);
}

const negated = ({ terms, never }: Formula): Formula => ({
  never,
  terms: terms.map(({ atom, coefficient: c }) => one(atom, typeof c === 'number' ? -c : { ...c, times: -c.times })),
});

/** KL(p ‖ q) = E_p[log p̃/prior] − log Z_p − E_p[log q̃/prior] + log Z_q, over one prior; by whole densities otherwise. */
function divergence(b: GraphBuilder, p: NodeId, q: NodeId): Formula {
  const logZ = (under: NodeId, coefficient: number): Term => one({ kind: 'logZ', under }, coefficient);
  if (leftmostPrior(b.graph, p) === leftmostPrior(b.graph, q)) {
    const own: Term[] = b.nodes[p].kind === 'posterior' || b.nodes[p].kind === 'tempered' ? [one({ kind: 'klToPrior', under: p })] : []; // prettier-ignore
    const other = logRatio(b, p, q);
    const normaliser = b.nodes[q].kind === 'posterior' ? [logZ(q, 1)] : [];
    if (other) return sum([{ terms: [...own, ...normaliser], never: [] }, negated(other)]);
  }
  const logP = b.score({ kind: 'logProb', distribution: p });
  const logQ = b.score({ kind: 'logProb', distribution: q });
  const mean = (of: NodeId, coefficient: number): Term => one({ kind: 'mean', under: p, of }, coefficient);
  return { terms: [mean(logP, 1), logZ(p, -1), mean(logQ, -1), logZ(q, 1)], never: [] };
}

/** A quantity of a property as what engines give; total variation is no such sum and is found in two steps. */
export function formulaOf(b: GraphBuilder, leaf: Leaf): Formula | undefined {
  switch (leaf.kind) {
    case 'mean':
      return { terms: [one(leaf)], never: [] };
    case 'functional':
      return { terms: [one({ kind: leaf.fn, under: leaf.of })], never: [] };
    case 'divergence':
      return leaf.fn === 'KL' ? divergence(b, leaf.left, leaf.right) : undefined;
    default:
      return leaf satisfies never;
  }
}

/** What an atom is made of where the engine that knows it directly does not apply. */
export function decomposed(b: GraphBuilder, atom: Atom): Formula {
  const { under } = atom;
  if (atom.kind === 'entropy') {
    const of = b.score({ kind: 'logProb', distribution: under });
    return { terms: [one({ kind: 'mean', under, of }, -1), one({ kind: 'logZ', under })], never: [] };
  }
  if (atom.kind === 'klToPrior') {
    const factors = logRatio(b, under, under);
    // Under the distribution itself its own factors are never 0.
    if (factors) return { terms: [...factors.terms, one({ kind: 'logZ', under }, -1)], never: [] };
    const [own, prior] = [under, leftmostPrior(b.graph, under)].map((d) =>
      b.score({ kind: 'logProb', distribution: d }),
    );
    const mean = (of: NodeId, c: number): Term => one({ kind: 'mean', under, of }, c);
    return { terms: [mean(own, 1), mean(prior, -1), one({ kind: 'logZ', under }, -1)], never: [] };
  }
  return { terms: [one(atom)], never: [] };
}

/**
 * TV(p, q) = E_p[max(0, 1 − q(x)/p(x))] as a score in [0, 1] under p, once both log Z and all multipliers are numbers. Over
 * one prior the ratio is that of the factors, the hard ones of p being 1 wherever p has mass; else that of the densities.
 */
export function variationScore(
  b: GraphBuilder,
  p: NodeId,
  q: NodeId,
  logZ: { readonly p: number; readonly q: number },
  multipliers: (posterior: NodeId) => readonly number[],
): NodeId {
  const number = (value: number): NodeId => b.score({ kind: 'number', value });
  const arithmetic = (op: 'multiply' | 'divide' | 'subtract' | 'add', left: NodeId, right: NodeId): NodeId =>
    b.score({ kind: 'arithmetic', op, left, right });
  const gapTo = (ratio: NodeId): NodeId =>
    b.score({ kind: 'apply', fn: 'max', args: [number(0), arithmetic('subtract', number(1), ratio)] });
  if (leftmostPrior(b.graph, p) === leftmostPrior(b.graph, q)) {
    const above = productOf(b, q, multipliers, false);
    const below = productOf(b, p, multipliers, true);
    if (above && below) {
      const scaled = [number(Math.exp(logZ.p - logZ.q)), ...above].reduce((x, y) => arithmetic('multiply', x, y));
      return gapTo(below.reduce((x, y) => arithmetic('divide', x, y), scaled));
    }
  }
  const [logP, logQ] = [p, q].map((distribution) => b.score({ kind: 'logProb', distribution }));
  const difference = arithmetic('add', arithmetic('subtract', logQ, logP), number(logZ.p - logZ.q));
  return gapTo(b.score({ kind: 'apply', fn: 'exp', args: [difference] }));
}

/** Factors and tilts of a distribution over its prior, as scores; hard ones left out where asked. */
function productOf(
  b: GraphBuilder,
  id: NodeId,
  multipliers: (posterior: NodeId) => readonly number[],
  softOnly: boolean,
): readonly NodeId[] | undefined {
  const node = b.nodes[id];
  if (node.kind === 'prior' || node.kind === 'mixture') return [];
  if (node.kind !== 'posterior') return undefined;
  const inner = productOf(b, node.base, multipliers, softOnly);
  if (inner === undefined) return undefined;
  const lambda = multipliers(id);
  const tilts: NodeId[] = [];
  for (const [i, m] of node.moments.entries()) {
    if (!Number.isFinite(lambda[i])) return undefined;
    const of = b.nodes[m.of].type === 'event' ? b.score({ kind: 'indicator', event: m.of }) : m.of;
    const by = b.score({ kind: 'number', value: lambda[i] });
    const product = b.score({ kind: 'arithmetic', op: 'multiply', left: by, right: of });
    tilts.push(b.score({ kind: 'apply', fn: 'exp', args: [product] }));
  }
  const factors = node.factors.filter((f) => !softOnly || b.nodes[f].kind !== 'indicator');
  return [...inner, ...factors, ...tilts];
}
