import { claimsIn, type Claim, type ModelGraph, type NodeId, type Property } from '@postulate/graph';
import { bind } from '@postulate/inference';
import type { Chooser, Models } from '@postulate/models';
import type { TokenText } from '../../arbitraries/texts.ts';
import type { Cell } from '../column.ts';
import { decomposed, formulaOf, GraphBuilder, variationScore, type Atom, type Coefficient, type Formula, type Leaf } from './formula.ts'; // prettier-ignore
import { openStream } from './open-stream.ts';
import { ownDraws } from './own-draws.ts';
import { exactAtom, exactlyOne, functionName, inContextOf, multipliersOf, narrowed, Solver, type Asked } from './solver.ts'; // prettier-ignore
import type { Stream } from './stream.ts';

export const isLeaf = (c: Claim): c is Leaf => c.kind === 'mean' || c.kind === 'divergence' || c.kind === 'functional';

/** The quantities of a claim about whole distributions. */
export function leavesOf(claim: Claim): readonly Leaf[] {
  return [...claimsIn(claim)].filter(isLeaf);
}

/** Numbers of a leaf that are known exactly, or what has to be estimated for it. */
export type Known =
  | { readonly kind: 'exact'; readonly cell: Cell }
  /** Σ coefficient · atom, atoms as far as possible exact. */
  | { readonly kind: 'open'; readonly parts: readonly OpenPart[]; readonly constant: number }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface OpenPart {
  readonly atom: Atom;
  readonly coefficient: number;
}

const EMPTY: readonly NodeId[] = [];

/** All quantities that the properties of a file ask about: each distribution is solved once for all of them. */
export class Book {
  private readonly builder: GraphBuilder;
  private readonly formulas = new Map<Leaf, Formula>();
  private readonly wanted = new Map<NodeId, Set<NodeId>>();
  private readonly solver: Solver;
  private readonly known = new Map<string, Promise<Known>>();
  private readonly streams = new Map<string, Promise<Stream>>();
  private readonly own = new Map<string, Promise<readonly TokenText[]>>();

  constructor(
    graph: ModelGraph,
    private readonly models: Models,
    properties: readonly Property[],
    private readonly chooser: Chooser,
    signal?: AbortSignal,
    exact = true,
  ) {
    this.builder = new GraphBuilder(graph);
    this.solver = new Solver(models, signal, exact);
    for (const leaf of properties.flatMap((p) => leavesOf(p.claim))) {
      if (leaf.kind === 'divergence' && leaf.fn === 'TV') continue;
      const formula = formulaOf(this.builder, leaf)!;
      this.formulas.set(leaf, formula);
      for (const { atom } of formula.terms) this.want(atom.under, atom.kind === 'mean' ? [atom.of] : EMPTY);
      for (const { under, event } of formula.never) this.want(under, [event]);
    }
  }

  private want(under: NodeId, functions: readonly NodeId[]): void {
    const own = this.wanted.get(under) ?? new Set<NodeId>();
    this.wanted.set(under, own);
    for (const f of functions) own.add(f);
  }

  /** A distribution under every context, solved as far as the exact engine goes. */
  private solve(under: NodeId): Promise<readonly Asked[]> {
    return this.solver.solve(this.builder.graph, under, [...(this.wanted.get(under) ?? EMPTY)]);
  }

  /** The contexts that a claim's distributions depend on, as keys and as words. */
  async contexts(claim: Claim): Promise<readonly { readonly key: string; readonly text: string }[]> {
    let longest: readonly Asked[] = [];
    for (const leaf of leavesOf(claim)) {
      const unders = leaf.kind === 'divergence' ? [leaf.left, leaf.right] : [leaf.kind === 'mean' ? leaf.under : leaf.of]; // prettier-ignore
      for (const under of unders) {
        const family = await this.solve(under);
        if (family.length > longest.length) longest = family;
      }
    }
    return longest.map(({ target }) => ({
      key: JSON.stringify(target.context),
      text: Object.values(target.context).join(', '),
    }));
  }

  know(leaf: Leaf, context: string): Promise<Known> {
    const key = `${JSON.stringify(leaf)} ${context}`;
    let found = this.known.get(key);
    if (found === undefined) this.known.set(key, (found = this.find(leaf, context)));
    return found;
  }

  private async find(leaf: Leaf, context: string): Promise<Known> {
    if (leaf.kind === 'divergence' && leaf.fn === 'TV') return this.variation(leaf.left, leaf.right, context);
    const formula = this.formulas.get(leaf);
    if (formula === undefined) return { kind: 'unknown', reason: 'it was not asked for' };
    for (const { under, event } of formula.never) {
      const asked = inContextOf(await this.solve(under), context);
      const p = exactAtom(asked, { kind: 'mean', under, of: event });
      // Where it cannot be told exactly, whole densities say -inf by themselves.
      if (p !== undefined && p.value > (asked.target.prior.maxTokens + 1) * 2 ** -50) {
        return { kind: 'exact', cell: { value: Infinity, error: 0 } };
      }
    }
    return this.combine(formula, context, 0);
  }

  private async coefficient(c: Coefficient, context: string): Promise<number> {
    if (typeof c === 'number') return c;
    const { exact } = inContextOf(await this.solve(c.multiplierOf), context);
    const own = multipliersOf(this.builder.graph, c.multiplierOf, exact?.lambda ?? [], c.multiplierOf);
    return c.times * (own[c.index] ?? NaN);
  }

  private async combine({ terms }: Formula, context: string, depth: number): Promise<Known> {
    let [value, error] = [0, 0];
    const parts: OpenPart[] = [];
    for (const { atom, coefficient: c } of terms) {
      const coefficient = await this.coefficient(c, context);
      if (Number.isNaN(coefficient)) return { kind: 'unknown', reason: 'its multipliers are not known exactly' };
      if (coefficient === 0) continue;
      const found = exactAtom(inContextOf(await this.solve(atom.under), context), atom);
      if (found !== undefined) {
        value += coefficient * found.value;
        error += Math.abs(coefficient) * found.error + Math.abs(value) * 2 ** -53;
      } else if (atom.kind === 'mean' || atom.kind === 'logZ' || depth > 2) parts.push({ atom, coefficient });
      else {
        const inner = await this.combine(decomposed(this.builder, atom), context, depth + 1);
        if (inner.kind === 'unknown') return inner;
        if (inner.kind === 'exact') value += coefficient * inner.cell.value;
        else {
          value += coefficient * inner.constant;
          parts.push(...inner.parts.map((p) => ({ ...p, coefficient: p.coefficient * coefficient })));
        }
      }
    }
    if (Number.isNaN(value)) return { kind: 'unknown', reason: 'it is not a number' };
    if (parts.length === 0) return { kind: 'exact', cell: { value, error } };
    for (const { atom } of parts) this.want(atom.under, atom.kind === 'mean' ? [atom.of] : EMPTY);
    return { kind: 'open', parts, constant: value };
  }

  private async variation(p: NodeId, q: NodeId, context: string): Promise<Known> {
    if (p === q) return { kind: 'exact', cell: { value: 0, error: 0 } };
    const [a, b] = [inContextOf(await this.solve(p), context), inContextOf(await this.solve(q), context)];
    if (!a.exact?.logZ || !b.exact?.logZ) {
      return { kind: 'unknown', reason: `a total variation needs both normalisers: ${a.reason ?? b.reason}` };
    }
    const { graph } = this.builder;
    const lambdas = [[p, a.exact.lambda ?? []], [q, b.exact.lambda ?? []]] as const; // prettier-ignore
    const logZ = { p: a.exact.logZ.value, q: b.exact.logZ.value };
    const score = variationScore(
      this.builder,
      p,
      q,
      logZ,
      (id) => lambdas.map(([outer, all]) => multipliersOf(graph, outer, all, id)).find((l) => l.length > 0) ?? [],
    );
    this.want(p, [score]);
    const again = inContextOf(await this.solver.solveNew(this.builder.graph, p, [score]), context);
    const found = exactAtom(again, { kind: 'mean', under: p, of: score });
    if (found) return { kind: 'exact', cell: { value: found.value, error: found.error + exactlyOne(again) } };
    return { kind: 'open', constant: 0, parts: [{ atom: { kind: 'mean', under: p, of: score }, coefficient: 1 }] };
  }

  /** Draws of a distribution with all that is asked of it so far. */
  stream(under: NodeId, context: string): Promise<Stream> {
    const functions = [...(this.wanted.get(under) ?? EMPTY)];
    const key = `${under} ${context} ${functions.join()}`;
    let found = this.streams.get(key);
    if (found === undefined) this.streams.set(key, (found = this.openStream(under, context, functions)));
    return found;
  }

  private async openStream(under: NodeId, context: string, functions: readonly NodeId[]): Promise<Stream> {
    const solved = inContextOf(await this.solve(under), context);
    const targets = await bind(narrowed(this.builder.graph, under, functions), 'd', this.models);
    const { target } = inContextOf(targets.map((t) => ({ target: t })), context); // prettier-ignore
    return openStream({ ...solved, target }, this.chooser.split(`stream ${under} ${context}`));
  }

  /** Draws of a distribution to begin from in the search for counterexamples. */
  draws(under: NodeId, context: string): Promise<readonly TokenText[]> {
    const key = `${under} ${context}`;
    let found = this.own.get(key);
    if (found === undefined) this.own.set(key, (found = this.findDraws(under, context)));
    return found;
  }

  private async findDraws(under: NodeId, context: string): Promise<readonly TokenText[]> {
    const targets = await bind(narrowed(this.builder.graph, under, EMPTY), 'd', this.models);
    const { target } = inContextOf(targets.map((t) => ({ target: t })), context); // prettier-ignore
    return ownDraws(target, this.chooser.split(`own ${under} ${context}`));
  }

  /** Where the values of an atom's draws lie. */
  async rangeOf(atom: Atom, context: string): Promise<{ readonly low: number; readonly high: number }> {
    if (atom.kind !== 'mean') return { low: 0, high: 1 };
    const stream = await this.stream(atom.under, context);
    return stream.range(functionName(atom.of));
  }
}
