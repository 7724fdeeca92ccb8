import type { ModelGraph, NodeId, NodeOf } from '@postulate/graph';

/** A node taken as it is (`value`) or in logs (`log`), times a number. */
export interface LinearTerm {
  readonly kind: 'value' | 'log';
  readonly id: NodeId;
  readonly coefficient: number;
}

/** constant + Σ coefficient · term + Σ g · ε with independent standard normal ε, one for each Gaussian node. */
export interface Linear {
  readonly constant: number;
  readonly terms: readonly LinearTerm[];
  readonly gaussians: ReadonlyMap<NodeId, number>;
}

/** Which member each ensemble has picked; without picks a random score stands for its mean. */
export type Picks = ReadonlyMap<NodeId, number> | undefined;

const NONE: ReadonlyMap<NodeId, number> = new Map();

export const constantForm = (constant: number): Linear => ({ constant, terms: [], gaussians: NONE });
export const termForm = (kind: 'value' | 'log', id: NodeId): Linear => ({
  constant: 0,
  terms: [{ kind, id, coefficient: 1 }],
  gaussians: NONE,
});

export function scaleLinear(a: Linear, by: number): Linear {
  if (by === 0) return constantForm(0);
  return {
    constant: a.constant * by,
    terms: a.terms.map((t) => ({ ...t, coefficient: t.coefficient * by })),
    gaussians: new Map([...a.gaussians].map(([id, g]) => [id, g * by] as const)),
  };
}

export function addLinear(a: Linear, b: Linear): Linear {
  const terms = new Map<string, LinearTerm>(a.terms.map((t) => [`${t.kind}${t.id}`, t]));
  for (const t of b.terms) {
    const key = `${t.kind}${t.id}`;
    const other = terms.get(key);
    terms.set(key, other ? { ...t, coefficient: t.coefficient + other.coefficient } : t);
  }
  const gaussians = new Map(a.gaussians);
  for (const [id, g] of b.gaussians) gaussians.set(id, g + (gaussians.get(id) ?? 0));
  return { constant: a.constant + b.constant, terms: [...terms.values()], gaussians };
}

export const isConstant = (a: Linear): boolean => a.terms.length === 0 && a.gaussians.size === 0;

/** Variance of the Gaussian part. */
export const gaussianVariance = (a: Linear): number => [...a.gaussians.values()].reduce((s, g) => s + g * g, 0);

type Form = (id: NodeId) => Linear | undefined;

function arithmeticForm(node: NodeOf<'arithmetic'>, of: Form): Linear | undefined {
  const [a, b] = [of(node.left), of(node.right)];
  if (!a || !b) return undefined;
  switch (node.op) {
    case 'add':
      return addLinear(a, b);
    case 'subtract':
      return addLinear(a, scaleLinear(b, -1));
    case 'multiply':
      if (isConstant(b)) return scaleLinear(a, b.constant);
      return isConstant(a) ? scaleLinear(b, a.constant) : undefined;
    case 'divide':
      return isConstant(b) ? scaleLinear(a, 1 / b.constant) : undefined;
    case 'power':
      return undefined;
    default:
      return node.op satisfies never;
  }
}

/** A score, or a random score once its ensembles have picked, as a linear combination of simpler scores. */
export function linearForm(graph: ModelGraph, id: NodeId, picks?: Picks): Linear | undefined {
  const node = graph.nodes[id];
  const of: Form = (i) => linearForm(graph, i, picks);
  const random = node.type === 'random';
  switch (node.kind) {
    case 'number':
      return constantForm(node.value);
    case 'negate': {
      const inner = of(node.of);
      return inner && scaleLinear(inner, -1);
    }
    case 'arithmetic':
      return arithmeticForm(node, of) ?? (random ? undefined : termForm('value', id));
    case 'ensemble': {
      if (picks) return of(node.members[picks.get(id) ?? 0]);
      const sum = node.members.map(of).reduce((a, b) => a && b && addLinear(a, b));
      return sum && scaleLinear(sum, 1 / node.members.length);
    }
    case 'gaussian': {
      const [mean, sd] = [of(node.mean), of(node.sd)];
      if (!picks || !mean) return mean;
      return sd && isConstant(sd)
        ? addLinear(mean, { ...constantForm(0), gaussians: new Map([[id, sd.constant]]) })
        : undefined;
    }
    case 'summary':
      return (node.fn === 'mean' ? linearForm(graph, node.of) : undefined) ?? termForm('value', id);
    case 'apply':
      return random ? undefined : termForm('value', id);
    default:
      return termForm('value', id);
  }
}

/** log of a non-negative score as a linear combination: log exp(s) = s, products are sums, constant powers multiples. */
export function logLinearForm(graph: ModelGraph, id: NodeId, nonNegative: (id: NodeId) => boolean): Linear {
  const node = graph.nodes[id];
  const itself = termForm('log', id);
  const of = (i: NodeId): Linear => logLinearForm(graph, i, nonNegative);
  if (node.kind === 'number') return constantForm(Math.log(node.value));
  if (node.kind === 'apply' && node.fn === 'exp') return linearForm(graph, node.args[0]) ?? itself;
  if (node.kind === 'apply' && node.fn === 'sqrt') return scaleLinear(of(node.args[0]), 0.5);
  if (node.kind === 'summary' && node.fn === 'mean') {
    const parts = exponentialParts(graph, id);
    return parts?.length === 1 && parts[0].weight > 0
      ? addLinear(parts[0].exponent, constantForm(Math.log(parts[0].weight)))
      : itself;
  }
  if (node.kind !== 'arithmetic' || !nonNegative(node.left) || !nonNegative(node.right)) return itself;
  if (node.op === 'multiply') return addLinear(of(node.left), of(node.right));
  if (node.op === 'divide') return addLinear(of(node.left), scaleLinear(of(node.right), -1));
  const exponent = node.op === 'power' ? linearForm(graph, node.right) : undefined;
  return exponent && isConstant(exponent) && exponent.constant > 0
    ? scaleLinear(of(node.left), exponent.constant)
    : itself;
}

/** weight · exp(exponent), without a Gaussian left in the exponent. */
export interface ExponentialPart {
  readonly weight: number;
  readonly exponent: Linear;
}

/** Most parts that `mean(exp(R))` is split into. */
const MAX_PARTS = 64;

function ensemblesBelow(graph: ModelGraph, id: NodeId, found = new Map<NodeId, number>()): Map<NodeId, number> {
  const node = graph.nodes[id];
  if (node.type !== 'random' || found.has(id)) return found;
  if (node.kind === 'ensemble') {
    found.set(id, node.members.length);
    node.members.forEach((m) => ensemblesBelow(graph, m, found));
  } else if (node.kind === 'arithmetic') {
    ensemblesBelow(graph, node.left, found);
    ensemblesBelow(graph, node.right, found);
  } else if (node.kind === 'negate') ensemblesBelow(graph, node.of, found);
  else if (node.kind === 'apply') node.args.forEach((a) => ensemblesBelow(graph, a, found));
  return found;
}

/** Strips constant multiples off an exponential: w · exp(r). */
function exponentialOf(graph: ModelGraph, id: NodeId): { readonly weight: number; readonly of: NodeId } | undefined {
  const node = graph.nodes[id];
  if (node.kind === 'apply' && node.fn === 'exp') return { weight: 1, of: node.args[0] };
  if (node.kind !== 'arithmetic' || (node.op !== 'multiply' && node.op !== 'divide')) return undefined;
  const right = linearForm(graph, node.right);
  if (graph.nodes[node.right].type === 'score' && right && isConstant(right)) {
    const inner = exponentialOf(graph, node.left);
    const factor = node.op === 'divide' ? 1 / right.constant : right.constant;
    return inner && { ...inner, weight: inner.weight * factor };
  }
  const left = node.op === 'multiply' && graph.nodes[node.left].type === 'score' && linearForm(graph, node.left);
  if (!left || !isConstant(left)) return undefined;
  const inner = exponentialOf(graph, node.right);
  return inner && { ...inner, weight: inner.weight * left.constant };
}

/** `mean(exp(R))` as Σ weightₖ · exp(linearₖ): one part for each joint choice of members, Gaussians integrated out. */
export function exponentialParts(graph: ModelGraph, id: NodeId): readonly ExponentialPart[] | undefined {
  const node = graph.nodes[id];
  const exponential = node.kind === 'summary' && node.fn === 'mean' ? exponentialOf(graph, node.of) : undefined;
  if (!exponential || exponential.weight < 0) return undefined;
  const ensembles = [...ensemblesBelow(graph, exponential.of)];
  const atoms = ensembles.reduce((n, [, size]) => n * size, 1);
  if (atoms > MAX_PARTS) return undefined;
  const parts: ExponentialPart[] = [];
  for (let atom = 0; atom < atoms; atom++) {
    let rest = atom;
    const picks = new Map(
      ensembles.map(([e, size]) => {
        const pick = rest % size;
        rest = Math.floor(rest / size);
        return [e, pick] as const;
      }),
    );
    const form = linearForm(graph, exponential.of, picks);
    if (!form) return undefined;
    const exponent = { ...form, constant: form.constant + gaussianVariance(form) / 2, gaussians: NONE };
    parts.push({ weight: exponential.weight / atoms, exponent });
  }
  return parts;
}
