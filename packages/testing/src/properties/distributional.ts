import {
  claimText,
  range,
  type Claim,
  type Decision,
  type ModelGraph,
  type Property,
  type Range,
} from '@postulate/graph';
import { decideClaim } from './decide-claim.ts';
import { evaluateClaim } from './evaluate.ts';
import { because } from './explain.ts';
import { isLeaf, leavesOf, type Book, type Known, type OpenPart } from './figures/book.ts';
import type { Leaf } from './figures/formula.ts';
import { functionName } from './figures/solver.ts';
import type { Stream } from './figures/stream.ts';
import type { Figure, Outcome } from './outcome.ts';
import { bettingInterval, type Interval } from './sequential/betting.ts';
import { normalInterval } from './sequential/normal-mixture.ts';

export interface DistributionalOptions {
  /** Probability with which a verdict may be wrong; default 1e-3. */
  readonly errorRate: number;
  /** Most draws of any distribution. */
  readonly draws: number;
  /** Milliseconds after which no new round of draws is begun. */
  readonly timeLimit: number;
}

type Found = Pick<Outcome, 'verdict' | 'reason' | 'runs' | 'figures' | 'errorRate' | 'context'>;

const ALL: Interval = { low: -Infinity, high: Infinity };

/** One quantity that has to be estimated, and where it is known to lie. */
interface Estimated {
  readonly part: OpenPart;
  readonly stream: Stream;
  readonly range: Interval;
  interval: Interval;
  value: number;
  /** Whether the interval's error rate holds at every number of draws, or in the limit. */
  readonly proved: boolean;
}

const sameAtom = (a: OpenPart['atom'], b: OpenPart['atom']): boolean => JSON.stringify(a) === JSON.stringify(b);

async function openEstimates(
  book: Book,
  known: ReadonlyMap<Leaf, Known>,
  context: string,
): Promise<readonly Estimated[]> {
  const found: Estimated[] = [];
  const parts = [...known.values()].flatMap((k) => (k.kind === 'open' ? k.parts : []));
  for (const part of parts) {
    if (found.some((e) => sameAtom(e.part.atom, part.atom))) continue;
    const stream = await book.stream(part.atom.under, context);
    const where = await book.rangeOf(part.atom, context);
    const finite = Number.isFinite(where.low) && Number.isFinite(where.high);
    const proved = stream.bounded && finite;
    found.push({ part, stream, range: where, interval: proved && part.atom.kind === 'mean' ? where : ALL, value: NaN, proved }); // prettier-ignore
  }
  return found;
}

function meanOf(values: Float64Array, weights: Float64Array | undefined): number {
  let [sum, total] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const w = weights?.[i] ?? 1;
    if (w > 0) sum += w * values[i];
    total += w;
  }
  return sum / total;
}

const clip = (x: Interval, by: Interval): Interval => ({
  low: Math.max(x.low, by.low),
  high: Math.min(x.high, by.high),
});

/** Narrows what is known of one quantity with the draws there are. */
function look(e: Estimated, alpha: number, horizon: number): void {
  const { stream, part } = e;
  if (part.atom.kind === 'mean') {
    const values = stream.values(functionName(part.atom.of));
    const data = { values, weights: stream.weights, size: stream.size };
    e.value = meanOf(values, stream.weights);
    const now = e.proved ? bettingInterval(data, e.range, e.interval, alpha, horizon) : normalInterval(data, alpha, horizon); // prettier-ignore
    e.interval = clip(e.interval, now);
    return;
  }
  const weights = stream.weights ?? Float64Array.of(1);
  const data = { values: weights, size: stream.size };
  const known = { low: Math.exp(e.interval.low - stream.logScale), high: Math.exp(e.interval.high - stream.logScale) };
  const { low, high } = e.proved
    ? bettingInterval(data, { low: 0, high: 1 }, clip(known, { low: 0, high: 1 }), alpha, horizon)
    : normalInterval(data, alpha, horizon);
  e.value = Math.log(meanOf(weights, undefined)) + stream.logScale;
  const log = (x: number): number => (x > 0 ? Math.log(x) : -Infinity);
  e.interval = clip(e.interval, { low: log(low) + stream.logScale, high: log(high) + stream.logScale });
}

/** Where a leaf lies, from its exact parts and the intervals of the others. */
function lies(known: Known, estimates: readonly Estimated[]): { readonly range: Range; readonly value: number } {
  if (known.kind === 'exact') {
    const { value, error } = known.cell;
    return { range: range(value - error, value + error, false, false), value };
  }
  if (known.kind === 'unknown') return { range: range(-Infinity, Infinity, false, false), value: NaN };
  let [lo, hi, value] = [known.constant, known.constant, known.constant];
  for (const { atom, coefficient: c } of known.parts) {
    const e = estimates.find((x) => sameAtom(x.part.atom, atom))!;
    lo += c * (c > 0 ? e.interval.low : e.interval.high);
    hi += c * (c > 0 ? e.interval.high : e.interval.low);
    value += c * e.value;
  }
  return { range: range(lo, hi, false, false), value };
}

function figureOf(graph: ModelGraph, leaf: Leaf, known: Known, estimates: readonly Estimated[]): Figure {
  const { range: r, value } = lies(known, estimates);
  const used = known.kind === 'open' ? estimates.filter((e) => known.parts.some((p) => sameAtom(p.atom, e.part.atom))) : []; // prettier-ignore
  const streams = [...new Set(used.map((e) => e.stream))];
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

/** Draws until the claim is decided wherever its quantities may lie, or the budget is spent. */
async function sequentially(
  graph: ModelGraph,
  claim: Claim,
  book: Book,
  known: ReadonlyMap<Leaf, Known>,
  context: string,
  options: DistributionalOptions,
): Promise<Found> {
  const estimates = await openEstimates(book, known, context);
  const alpha = options.errorRate / Math.max(1, estimates.length);
  const until = performance.now() + options.timeLimit;
  const streams = [...new Set(estimates.map((e) => e.stream))];
  let decision: Decision;
  for (let wanted = Math.min(512, options.draws); ; wanted = Math.min(2 * wanted, options.draws)) {
    for (const s of streams) if (s.size < wanted) await s.extend(wanted - s.size);
    for (const e of estimates) look(e, alpha, options.draws);
    decision = decideClaim(claim, (leaf) => lies(known.get(leaf as Leaf)!, estimates).range);
    if (decision !== undefined || wanted >= options.draws || streams.length === 0 || performance.now() > until) break;
  }
  const figures = [...known].map(([leaf, k]) => figureOf(graph, leaf, k, estimates));
  const runs = streams.reduce((sum, s) => sum + s.size, 0);
  const kind = estimates.every((e) => e.proved) ? 'proved' : 'asymptotic';
  const unknown = [...known.values()].find((k) => k.kind === 'unknown');
  const reason =
    decision === undefined
      ? ((unknown as { readonly reason: string } | undefined)?.reason ?? `still open after ${runs} draws`)
      : `by ${runs} draws`;
  const errorRate = { value: options.errorRate, kind } as const;
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
