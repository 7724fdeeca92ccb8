import { nodeText, type ModelGraph, type NodeId, PostError } from '@postulate/graph';
import { bind, engineNamed, run, type Approximation, type Target } from '@postulate/inference';
import type { Models } from '@postulate/models';
import type { Atom } from './formula.ts';

/** One distribution under one context, with the functions that are asked of it. */
export interface Asked {
  readonly target: Target;
  /** The exact engine's answer, where it has one. */
  readonly exact: Approximation | undefined;
  /** Why it has none. */
  readonly reason: string | undefined;
}

/** Name of a function of the graph in the results of an engine. */
export const functionName = (node: NodeId): string => `f${node}`;

/** What a graph looks like to `bind` when one of its distributions is run and some functions are reported. */
export function narrowed(graph: ModelGraph, under: NodeId, functions: readonly NodeId[]): ModelGraph {
  const of = functions.map((node) => ({ name: functionName(node), node, type: graph.nodes[node].type }));
  return { ...graph, outputs: [{ name: 'd', node: under, type: 'distribution' }, ...of], properties: [] };
}

/** Errors that say that there is no exact answer, rather than that the definition is wrong. */
const NO_ANSWER: ReadonlySet<string> = new Set(['P600', 'P603']);

/** By draws alone, whatever could be had exactly: to hold one against the other. */
const NOT_WANTED = { exact: undefined, reason: 'only draws were asked for' };

async function solveExactly(target: Target, signal: AbortSignal | undefined): Promise<Omit<Asked, 'target'>> {
  const fitness = engineNamed('exact').fitness(target);
  if (!fitness.fits) return { exact: undefined, reason: fitness.reason };
  try {
    const exact = await run(target, { engine: 'exact', draws: 0, signal });
    return {
      exact: exact.logZ === null ? undefined : exact,
      reason: exact.logZ === null ? 'it was stopped' : undefined,
    };
  } catch (error) {
    if (!(error instanceof PostError) || !NO_ANSWER.has(error.code)) throw error;
    return { exact: undefined, reason: error.diagnostics[0].message };
  }
}

/**
 * Runs every distribution that properties ask about, each once for all that is asked of it. Means that the exact engine
 * gives are kept by node; all graphs handed in must have the same first nodes.
 */
export class Solver {
  private readonly known = new Map<NodeId, Promise<readonly Asked[]>>();

  constructor(
    private readonly models: Models,
    private readonly signal?: AbortSignal,
    private readonly exact = true,
  ) {}

  /** One entry for each value of the context. The first call for a distribution says which functions it is asked for. */
  solve(graph: ModelGraph, under: NodeId, functions: readonly NodeId[]): Promise<readonly Asked[]> {
    const found = this.known.get(under);
    if (found !== undefined) return found;
    const solving = this.solveNew(graph, under, functions);
    this.known.set(under, solving);
    return solving;
  }

  /** The same with functions that were not asked for before. */
  async solveNew(graph: ModelGraph, under: NodeId, functions: readonly NodeId[]): Promise<readonly Asked[]> {
    const targets = await bind(narrowed(graph, under, [...new Set(functions)]), 'd', this.models);
    const asked: Asked[] = [];
    for (const target of targets) {
      const named = { ...target, name: nodeText(graph, under) };
      asked.push({ target: named, ...(this.exact ? await solveExactly(named, this.signal) : NOT_WANTED) });
    }
    return asked;
  }
}

/** An atom of an exact answer and what it may be off by; undefined where the answer does not have it. */
export function exactAtom(
  { exact, target }: Asked,
  atom: Atom,
): { readonly value: number; readonly error: number } | undefined {
  if (exact === undefined) return undefined;
  const estimate =
    atom.kind === 'mean'
      ? exact.expectations[functionName(atom.of)]
      : atom.kind === 'logZ'
        ? exact.logZ
        : exact[atom.kind];
  if (estimate === null || estimate === undefined) return undefined;
  return { value: estimate.value, error: exactError(target, estimate.value, atom) };
}

/**
 * Rounding of the sums of dynamic programming: one recursive sum a token, over at most a vocabulary, of numbers ≥ 0 has a
 * relative error of (terms − 1) · 2⁻⁵³ (Higham 2002, §4.2), and so has what is computed from the next. A mean is a
 * quotient of two such sums; a log has the relative error as its absolute one.
 */
function exactError({ prior }: Target, value: number, atom: Atom): number {
  const relative = (prior.maxTokens + 1) * (prior.vocabulary.size + 16) * 2 ** -53;
  const size = atom.kind === 'mean' ? Math.abs(value) : Math.abs(value) + 1;
  return Number.isFinite(value) ? 2 * relative * size : 0;
}

/** Distributions over the same prior share nothing else; contexts are matched by their values. */
export function inContextOf<T extends { readonly target: Target }>(family: readonly T[], context: string): T {
  return family.find((a) => JSON.stringify(a.target.context) === context) ?? family[0];
}

/** The rounding of a number of size 1. */
export function exactlyOne({ target }: Asked): number {
  return (target.prior.maxTokens + 1) * (target.prior.vocabulary.size + 16) * 2 ** -53;
}

/** Multipliers of the moments of one node of a posterior's chain, from those of the whole chain, inner ones first. */
export function multipliersOf(graph: ModelGraph, outer: NodeId, all: readonly number[], of: NodeId): readonly number[] {
  const before = (id: NodeId): number => {
    const node = graph.nodes[id];
    return node.kind === 'posterior' ? before(node.base) + node.moments.length : 0;
  };
  const node = graph.nodes[of];
  if (node.kind !== 'posterior' || all.length < before(outer)) return [];
  const from = before(node.base);
  return all.slice(from, from + node.moments.length);
}
