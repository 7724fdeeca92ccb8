import { claimText, type Claim, type Decision, type ModelGraph, type Property } from '@postulate/graph';
import { decideClaim } from './decide-claim.ts';
import { evaluateClaim } from './evaluate.ts';
import { because } from './explain.ts';
import { lies, look, openEstimates, sameAtom, steer, type Estimated } from './estimates.ts';
import { isLeaf, leavesOf, type Book, type Known } from './figures/book.ts';
import type { Leaf } from './figures/formula.ts';
import type { Stream } from './figures/stream.ts';
import type { Figure, Outcome } from './outcome.ts';

export interface DistributionalOptions {
  /** Probability with which a verdict may be wrong; default 1e-3. */
  readonly errorRate: number;
  /** Most draws of any distribution. */
  readonly draws: number;
  /** Milliseconds after which no new round of draws is begun. */
  readonly timeLimit: number;
}

type Found = Pick<Outcome, 'verdict' | 'reason' | 'runs' | 'figures' | 'errorRate' | 'context'>;

function figureOf(graph: ModelGraph, leaf: Leaf, known: Known, estimates: readonly Estimated[]): Figure {
  const { range: r, value } = lies(known, estimates);
  const used = known.kind === 'open' ? estimates.filter((e) => known.parts.some((p) => sameAtom(p.atom, e.part.atom))) : []; // prettier-ignore
  const streams = [...new Set(used.flatMap((e) => e.sources.map((s) => s.stream)))];
  const how =
    known.kind === 'exact'
      ? 'exact'
      : known.kind === 'unknown'
        ? known.reason
        : streams.map((s) => `${s.size} ${s.what}`).join(' and ');
  const text = claimText(graph, leaf);
  if (known.kind === 'exact') return { text, low: value, high: value, value, how, exact: true };
  return { text, low: r.lo, high: r.hi, value, how, exact: false };
}

async function allExact(graph: ModelGraph, claim: Claim, known: ReadonlyMap<Leaf, Known>): Promise<Found | undefined> {
  if ([...known.values()].some((k) => k.kind !== 'exact')) return undefined;
  const evaluation = await evaluateClaim(undefined, claim, {}, (c) => {
    const k = isLeaf(c) ? known.get(c) : undefined;
    return k?.kind === 'exact' ? k.cell : undefined;
  });
  const figures = [...known].map(([leaf, k]) => figureOf(graph, leaf, k, []));
  const holds = evaluation.holds[0] !== 0;
  const blamed = holds ? [] : because(graph, evaluation, claim, 0);
  const reason = holds ? 'by the exact engine' : `by the exact engine: ${blamed.map((b) => `${b.text} is ${b.value}`).join(', ')}`; // prettier-ignore
  return { verdict: holds ? 'holds' : 'fails', reason, runs: 0, figures, errorRate: { value: 0, kind: 'exact' } };
}

const VERDICTS = new Map<Decision, Outcome['verdict']>([[true, 'holds'], [false, 'fails'], [undefined, 'undecided']]); // prettier-ignore

/** How much was drawn, in words. */
function amountOf(streams: ReadonlySet<Stream>): string {
  const total = (of: (s: Stream) => boolean): number => [...streams].filter(of).reduce((sum, s) => sum + s.size, 0);
  const [draws, runs] = [total((s) => s.texts === 1), total((s) => s.texts > 1)];
  return runs === 0 ? `${draws} draws` : `${draws} draws and ${runs} runs`;
}

/** Draws until the claim is decided wherever its quantities may lie, or the budget is spent. */
async function sequentially(
  graph: ModelGraph,
  claim: Claim,
  book: Book,
  known: ReadonlyMap<Leaf, Known>,
  context: string,
  options: DistributionalOptions,
): Promise<Found> {
  const estimates = await openEstimates(book, known, context, options.errorRate);
  const until = performance.now() + options.timeLimit;
  const used = new Set<Stream>();
  let decision: Decision;
  for (let wanted = Math.min(512, options.draws); ; wanted = Math.min(2 * wanted, options.draws)) {
    for (const { stream: s } of estimates.flatMap((e) => e.sources)) {
      used.add(s);
      const count = Math.floor(wanted / s.texts) - s.size;
      if (count > 0) await s.extend(count);
    }
    for (const e of estimates) look(e, options.draws);
    decision = decideClaim(claim, (leaf) => lies(known.get(leaf as Leaf)!, estimates).range);
    if (decision !== undefined || wanted >= options.draws || used.size === 0 || performance.now() > until) break;
    steer(estimates);
  }
  const figures = [...known].map(([leaf, k]) => figureOf(graph, leaf, k, estimates));
  const amount = amountOf(used);
  const kind = estimates.every((e) => e.sources.every((s) => s.proved)) ? 'proved' : 'asymptotic';
  const unknown = [...known.values()].find((k) => k.kind === 'unknown');
  const reason =
    decision === undefined
      ? ((unknown as { readonly reason: string } | undefined)?.reason ?? `still open after ${amount}`)
      : `by ${amount}`;
  const errorRate = { value: options.errorRate, kind } as const;
  const runs = [...used].reduce((sum, s) => sum + s.size, 0);
  return { verdict: VERDICTS.get(decision)!, reason, runs, figures, errorRate };
}

/**
 * Decides a property about whole distributions, for every value of the context: by the exact engine where all its quantities
 * are known so, else by confidence sequences for what is left. A verdict is wrong with probability at most the error rate.
 */
export async function checkDistributional(
  graph: ModelGraph,
  property: Property,
  book: Book,
  options: DistributionalOptions,
): Promise<readonly Found[]> {
  const { claim } = property;
  const contexts = await book.contexts(claim);
  const found: Found[] = [];
  for (const { key, text } of contexts.length > 0 ? contexts : [{ key: '{}', text: '' }]) {
    const known = new Map<Leaf, Known>();
    for (const leaf of leavesOf(claim)) known.set(leaf, await book.know(leaf, key));
    const result =
      (await allExact(graph, claim, known)) ?? (await sequentially(graph, claim, book, known, key, options));
    found.push(text === '' ? result : { ...result, context: text });
  }
  return found;
}
