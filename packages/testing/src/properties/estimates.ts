import { range, type Range } from '@postulate/graph';
import type { Book, Known, OpenPart } from './figures/book.ts';
import type { Leaf } from './figures/formula.ts';
import { functionName } from './figures/solver.ts';
import type { Stream } from './figures/stream.ts';
import { bettingInterval, type Interval } from './sequential/betting.ts';
import { normalInterval } from './sequential/normal-mixture.ts';

const ALL: Interval = { low: -Infinity, high: Infinity };

/** Share of the error rate that is kept for draws that are steered, where there may be some. */
const FOR_STEERED = 0.1;

/** Draws of one kind, and what may be said by them. */
interface Source {
  readonly stream: Stream;
  /** Probability with which the intervals from these draws may miss, all looks together. */
  readonly alpha: number;
  /** Whether that rate holds at every number of draws, or in the limit. */
  readonly proved: boolean;
}

/** One quantity that has to be estimated, and where it is known to lie. */
export interface Estimated {
  readonly part: OpenPart;
  readonly range: Interval;
  /** Draws of the distribution or of its prior, and steered ones where those are wasted. */
  readonly sources: Source[];
  interval: Interval;
  value: number;
}

export const sameAtom = (a: OpenPart['atom'], b: OpenPart['atom']): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Everything that has to be estimated, with the error rate shared out. */
export async function openEstimates(
  book: Book,
  known: ReadonlyMap<Leaf, Known>,
  context: string,
  errorRate: number,
): Promise<readonly Estimated[]> {
  const all = [...known.values()].flatMap((k) => (k.kind === 'open' ? k.parts : []));
  const parts = all.filter((part, i) => all.findIndex((p) => sameAtom(p.atom, part.atom)) === i);
  const found: Estimated[] = [];
  for (const part of parts) {
    const stream = await book.stream(part.atom.under, context);
    const where = await book.rangeOf(part.atom, context);
    const finite = Number.isFinite(where.low) && Number.isFinite(where.high);
    const proved = stream.bounded && finite;
    const alpha = (errorRate / parts.length) * (stream.steered === undefined ? 1 : 1 - FOR_STEERED);
    const interval = proved && part.atom.kind === 'mean' ? where : ALL;
    found.push({ part, range: where, sources: [{ stream, alpha, proved }], interval, value: NaN });
  }
  return found;
}

/** Takes steered draws as well wherever those of the prior are wasted; the rest of the error rate is theirs. */
export function steer(estimates: readonly Estimated[]): void {
  for (const { sources } of estimates) {
    const [{ stream, alpha }] = sources;
    if (sources.length > 1 || stream.steered === undefined || !stream.wasteful) continue;
    sources.push({ stream: stream.steered, alpha: (alpha * FOR_STEERED) / (1 - FOR_STEERED), proved: false });
  }
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

/** Where the mean of a score lies, by the draws of one source. */
function meanBy({ stream, alpha, proved }: Source, e: Estimated, name: string, horizon: number): Interval {
  const data = { values: stream.values(name), weights: stream.weights, size: stream.size };
  e.value = meanOf(data.values, data.weights);
  return proved
    ? bettingInterval(data, e.range, e.interval, alpha, horizon)
    : normalInterval(data, alpha, horizon, e.range);
}

/** Where log Z lies, by the draws of one source. */
function logZBy({ stream, alpha, proved }: Source, e: Estimated, horizon: number): Interval {
  const { logScale, weights: values = Float64Array.of(1), size } = stream;
  e.value = Math.log(meanOf(values, undefined)) + logScale;
  const known = { low: Math.exp(e.interval.low - logScale), high: Math.exp(e.interval.high - logScale) };
  const { low, high } = proved
    ? bettingInterval({ values, size }, { low: 0, high: 1 }, clip(known, { low: 0, high: 1 }), alpha, horizon)
    : normalInterval({ values, size }, alpha, horizon, { low: 0, high: Infinity });
  const log = (x: number): number => (x > 0 ? Math.log(x) : -Infinity);
  return { low: log(low) + logScale, high: log(high) + logScale };
}

/**
 * Narrows what is known of one quantity with the draws there are; `draws` is how many texts bets are made for. What would
 * contradict what is known already is left out.
 */
export function look(e: Estimated, draws: number): void {
  const { atom } = e.part;
  for (const source of e.sources) {
    if (source.stream.heavy) continue;
    const horizon = Math.floor(draws / source.stream.texts);
    const now = atom.kind === 'mean' ? meanBy(source, e, functionName(atom.of), horizon) : logZBy(source, e, horizon);
    const both = clip(e.interval, now);
    if (both.low <= both.high) e.interval = both;
  }
}

/** Where a leaf lies, from its exact parts and the intervals of the others. */
export function lies(known: Known, estimates: readonly Estimated[]): { readonly range: Range; readonly value: number } {
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
