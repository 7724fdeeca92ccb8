import type { NodeId, NodeOf } from '@postulate/graph';
import { logSumExp, normalCdf, normalQuantile } from '../numeric/index.ts';
import type { Frame, Values } from './frame.ts';
import { andThen, type Maybe } from './maybe.ts';
import { componentsOf, type Component } from './random.ts';

/** Mean of a component at text `i`: that of a shifted lognormal where it is exponential. */
function componentMean(c: Component, i: number): number {
  if (!c.exponential) return c.centre[i];
  return c.shift[i] + c.scale[i] * Math.exp(c.centre[i] + c.spread[i] ** 2 / 2);
}

/** Variance of a component at text `i`; for a lognormal (e^{s²} − 1) e^{2m + s²}. */
function componentVariance(c: Component, i: number): number {
  const s2 = c.spread[i] ** 2;
  if (!c.exponential) return s2;
  return s2 === 0 ? 0 : c.scale[i] ** 2 * Math.expm1(s2) * Math.exp(2 * c.centre[i] + s2);
}

const mean = (components: readonly Component[], i: number): number =>
  components.reduce((sum, c) => sum + componentMean(c, i), 0) / components.length;

/** Population standard deviation: within the components and between their means. */
function deviation(components: readonly Component[], i: number): number {
  const m = mean(components, i);
  const squares = components.reduce((sum, c) => sum + componentVariance(c, i) + (componentMean(c, i) - m) ** 2, 0);
  return Math.sqrt(squares / components.length);
}

/** P(value ≤ v) of a component at text `i`. */
function componentCdf(c: Component, i: number, v: number): number {
  const [centre, spread] = [c.centre[i], c.spread[i]];
  if (spread === 0 || (c.exponential && c.scale[i] === 0)) return componentMean(c, i) <= v ? 1 : 0;
  if (!c.exponential) return normalCdf((v - centre) / spread);
  const y = (v - c.shift[i]) / c.scale[i];
  const below = y <= 0 ? 0 : normalCdf((Math.log(y) - centre) / spread);
  return c.scale[i] > 0 ? below : 1 - below;
}

function componentQuantile(c: Component, i: number, q: number): number {
  const { exponential, scale, shift, centre, spread } = c;
  if (spread[i] === 0) return componentMean(c, i);
  if (!exponential) return centre[i] + spread[i] * normalQuantile(q);
  return shift[i] + scale[i] * Math.exp(centre[i] + spread[i] * normalQuantile(scale[i] < 0 ? 1 - q : q));
}

/** Smallest of n equally likely numbers with at least a share q of them at or below it. */
function atomQuantile(values: number[], q: number): number {
  values.sort((a, b) => a - b);
  // q·n that is an integer up to rounding is that integer: quantile(0.3) of ten members is the third.
  const rank = Math.ceil(q * values.length - 1e-9);
  return values[Math.min(values.length, Math.max(1, rank)) - 1];
}

/** Bisects the distribution function of the mixture between the extreme quantiles of its components. */
function mixtureQuantile(components: readonly Component[], i: number, q: number): number {
  const ends = components.map((c) => componentQuantile(c, i, q));
  let lo = Math.min(...ends);
  let hi = Math.max(...ends);
  if (!Number.isFinite(lo) || !Number.isFinite(hi)) return q < 0.5 ? lo : hi;
  const cdf = (v: number): number => components.reduce((sum, c) => sum + componentCdf(c, i, v), 0) / components.length;
  if (cdf(lo) >= q) return lo;
  while (true) {
    const middle = lo + (hi - lo) / 2;
    if (middle <= lo || middle >= hi) return hi;
    if (cdf(middle) >= q) hi = middle;
    else lo = middle;
  }
}

/** inf { v : P(value ≤ v) ≥ q }, the inverse distribution function. */
function quantile(components: readonly Component[], i: number, q: number): number {
  if (components.every((c) => c.spread[i] === 0)) {
    return atomQuantile(
      components.map((c) => componentMean(c, i)),
      q,
    );
  }
  return components.length === 1 ? componentQuantile(components[0], i, q) : mixtureQuantile(components, i, q);
}

/** What `mean`, `sd`, `lower` and `quantile` make of a random score, per text. */
export function summaryValues(frame: Frame, node: NodeOf<'summary'>): Values {
  const p = node.parameter ?? 0;
  const perText = (f: (components: readonly Component[], i: number) => number): Values =>
    andThen(componentsOf(frame, node.of), (c) => Float64Array.from({ length: frame.size }, (_, i) => f(c, i)));
  switch (node.fn) {
    case 'mean':
      return perText(mean);
    case 'sd':
      return perText(deviation);
    case 'lower':
      return perText((c, i) => mean(c, i) - p * deviation(c, i));
    case 'quantile':
      return perText((c, i) => quantile(c, i, p));
    default:
      return node.fn satisfies never;
  }
}

/** Whether a random score is a non-negative multiple of an exponential, so that its mean can be taken in logs. */
const inLogs = (c: Component, i: number): boolean => c.exponential && c.shift[i] === 0 && c.scale[i] >= 0;

/** log of the mean of a random score, by a log-sum-exp over its components where they are exponentials. */
export function logMeanValues(frame: Frame, id: NodeId): Maybe<Float64Array> {
  return andThen(componentsOf(frame, id), (components) =>
    Float64Array.from({ length: frame.size }, (_, i) => {
      if (!components.every((c) => inLogs(c, i))) return Math.log(mean(components, i));
      const logs = components.map((c) => Math.log(c.scale[i]) + c.centre[i] + c.spread[i] ** 2 / 2);
      return logSumExp(logs) - Math.log(components.length);
    }),
  );
}
