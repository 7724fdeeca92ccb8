import { normalQuantile } from '../../numeric/index.ts';

/** Values of one functional, chain by chain; all chains have the same length. */
export type ChainValues = readonly Float64Array[];

/** Each chain as two: its first and its last half; the middle value of an odd number is left out. */
export function splitChains(chains: ChainValues): ChainValues {
  const half = Math.floor(chains[0].length / 2);
  return chains.flatMap((c) => [c.subarray(0, half), c.subarray(c.length - half)]);
}

/** All values of all chains, one chain after the other. */
export function pooled(chains: ChainValues): Float64Array {
  const all = new Float64Array(chains.reduce((n, c) => n + c.length, 0));
  let at = 0;
  for (const c of chains) {
    all.set(c, at);
    at += c.length;
  }
  return all;
}

/** Every value replaced by `f` of its rank among all of them, counted from 1; ties share their average rank. */
function byRank(chains: ChainValues, f: (rank: number) => number): ChainValues {
  const all = pooled(chains);
  const order = Uint32Array.from(all.keys()).sort((a, b) => all[a] - all[b] || a - b);
  const out = new Float64Array(all.length);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && all[order[to]] === all[order[from]]) to++;
    const value = f((from + 1 + to) / 2);
    for (; from < to; from++) out[order[from]] = value;
  }
  let at = 0;
  return chains.map((c) => out.subarray(at, (at += c.length)));
}

/** Φ⁻¹((rank − 3/8) / (S + 1/4)) over all S values (Blom 1958). */
export function normalScores(chains: ChainValues): ChainValues {
  const size = chains.reduce((n, c) => n + c.length, 0);
  return byRank(chains, (rank) => normalQuantile((rank - 0.375) / (size + 0.25)));
}

/** The p-quantile with linear interpolation between order statistics (type 7 of Hyndman & Fan 1996). */
export function quantileOf(values: Float64Array, p: number): number {
  const sorted = values.slice().sort();
  const place = (sorted.length - 1) * p;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Fewest values of a chain that anything is said about. */
const LEAST_LENGTH = 4;

/** Whether chains can tell anything: values that all are finite and not all the same, four a chain at least. */
export function informative(chains: ChainValues): boolean {
  if (chains.length === 0 || chains[0].length < LEAST_LENGTH) return false;
  let lo = Infinity;
  let hi = -Infinity;
  for (const c of chains) {
    for (const v of c) {
      if (!Number.isFinite(v)) return false;
      if (v < lo) lo = v;
      if (v > hi) hi = v;
    }
  }
  return lo < hi;
}
