import { logMeanExp } from '../../numeric/index.ts';
import type { Estimate } from '../../port/index.ts';
import { fromInfluences } from '../snis.ts';
import { DIVERGENCES, SHARES, type DivergenceName } from './generators.ts';

/** Independent draws of a proposal h, with the log densities of all three laws at each; nats. */
export interface DensitySample {
  /** log γ(x), the posterior without its normaliser; `-Infinity` where it has no mass. */
  readonly logP: Float64Array;
  /** log q(x); `-Infinity` where q has no mass. */
  readonly logQ: Float64Array;
  /** log h(x), normalised. The same array as `logQ` where the draws are q's own. */
  readonly logProposal: Float64Array;
}

export interface DivergenceOptions {
  /** log Z from elsewhere, to be shared by the engines that are compared; by default log of the mean weight γ/h. */
  readonly logZ?: Estimate | undefined;
  /** False where q, too, is known only up to a constant, which is then estimated from the same draws. Default true. */
  readonly normalised?: boolean | undefined;
}

type Divergences = Readonly<Record<DivergenceName, Estimate | null>>;

export interface DivergenceReport extends Readonly<Record<DivergenceName, Estimate | null>> {
  /** What makes a value infinite, or what the draws cannot show; whole sentences. */
  readonly notes: readonly string[];
}

const minus = (a: Float64Array, b: Float64Array): Float64Array =>
  // What no proposal can be has no weight, whatever stands under it.
  a.map((x, i) => (x === -Infinity ? x : x - b[i]));

interface Ratios {
  readonly size: number;
  /** log p/h and log q/h of each draw, both with estimated normalisers where none is known. */
  readonly logA: Float64Array;
  readonly logB: Float64Array;
  readonly ownLogZ: number;
  readonly shared: Estimate | undefined;
  readonly normalised: boolean;
}

function ratios(sample: DensitySample, { logZ, normalised = true }: DivergenceOptions): Ratios {
  const logW = minus(sample.logP, sample.logProposal);
  const logU = minus(sample.logQ, sample.logProposal);
  const ownLogZ = logMeanExp(logW);
  const used = logZ?.value ?? ownLogZ;
  const logZq = normalised ? 0 : logMeanExp(logU);
  return {
    size: logW.length,
    logA: logW.map((w) => (w === -Infinity ? w : w - used)),
    logB: logU.map((u) => (u === -Infinity ? u : u - logZq)),
    ownLogZ,
    shared: logZ,
    normalised,
  };
}

/**
 * Mean share with the delta method's standard error. The influence of a draw is its own share, less what it moves the
 * normalisers that were estimated from the same draws; a shared log Z has an error of its own, independent of them.
 */
function estimateOne(name: DivergenceName, r: Ratios): Estimate {
  const share = SHARES[name];
  const shares = new Float64Array(r.size);
  let [value, byP, byQ] = [0, 0, 0];
  for (let i = 0; i < r.size; i++) {
    const s = share(r.logA[i], r.logB[i]);
    shares[i] = s.value;
    value += s.value / r.size;
    byP += s.byP / r.size;
    byQ += s.byQ / r.size;
  }
  if (!Number.isFinite(value)) return { value: Infinity, standardError: null };
  const influence = (i: number): number => {
    let change = shares[i] - value;
    if (r.shared === undefined) change -= byP * (Math.exp(r.logA[i]) - 1);
    if (!r.normalised) change -= byQ * (Math.exp(r.logB[i]) - 1);
    return change / r.size;
  };
  const own = fromInfluences(r.size, influence);
  const error = r.shared === undefined ? 0 : r.shared.standardError;
  const standardError = own === null || error === null ? null : Math.hypot(own, byP * error);
  return { value: name === 'chi2' ? value - 1 : value, standardError };
}

/**
 * KL(p ‖ q) under a shared log Z: the mean under p is self-normalised, so that log Z enters additively and its error is
 * the same for every q that is compared.
 */
function forwardUnderShared(r: Ratios, shared: Estimate): Estimate {
  const shift = shared.value - r.ownLogZ;
  const own = { ...r, logA: r.logA.map((a) => (a === -Infinity ? a : a + shift)), shared: undefined };
  const { value } = estimateOne('klForward', own);
  if (!Number.isFinite(value)) return { value, standardError: null };
  const influence = (i: number): number => {
    const a = Math.exp(own.logA[i]);
    const b = Math.exp(own.logB[i]);
    const log = a === 0 ? 0 : a * (own.logA[i] - own.logB[i] - value);
    // KL(p ‖ q) moves by −1 with the log normaliser of p and by +1 with that of q.
    return (log + (r.normalised ? 0 : b - 1)) / r.size;
  };
  const error = fromInfluences(r.size, influence);
  const both = error === null || shared.standardError === null ? null : Math.hypot(error, shared.standardError);
  return { value: value - shift, standardError: both };
}

function notesOf(sample: DensitySample): string[] {
  const notes: string[] = [];
  const { logP, logQ, logProposal } = sample;
  let [missed, stray] = [0, 0];
  for (let i = 0; i < logP.length; i++) {
    if (logP[i] > -Infinity && logQ[i] === -Infinity) missed++;
    if (logQ[i] > -Infinity && logP[i] === -Infinity) stray++;
  }
  const n = logP.length;
  if (missed > 0)
    notes.push(`KL(p ‖ q) and χ² are infinite: ${missed} of ${n} texts have mass under p and none under q.`);
  if (stray > 0) notes.push(`KL(q ‖ p) is infinite: ${stray} of ${n} texts have mass under q and none under p.`);
  if (logQ === logProposal)
    notes.push('The texts are draws of q itself: what of p lies where q has no mass is not seen.');
  return notes;
}

/** Some of the divergences of `estimateDivergences`; undefined where no draw has mass under p. */
export function estimateSome(
  names: readonly DivergenceName[],
  sample: DensitySample,
  options: DivergenceOptions = {},
): readonly Estimate[] | undefined {
  const r = ratios(sample, options);
  return r.ownLogZ === -Infinity ? undefined : names.map((name) => estimateFrom(name, r));
}

function estimateFrom(name: DivergenceName, r: Ratios): Estimate {
  return name === 'klForward' && r.shared !== undefined ? forwardUnderShared(r, r.shared) : estimateOne(name, r);
}

/**
 * Divergences between the posterior p = γ/Z and a law q from draws of a proposal (`algorithms.md` 10.3), with standard
 * errors. A divergence that is infinite has no error, and a note says why. Draws that are all of weight zero tell
 * nothing: every divergence is null.
 */
export function estimateDivergences(sample: DensitySample, options: DivergenceOptions = {}): DivergenceReport {
  const r = ratios(sample, options);
  if (r.ownLogZ === -Infinity) {
    const none = Object.fromEntries(DIVERGENCES.map((d) => [d, null])) as Divergences;
    return { ...none, notes: ['No text has mass under p.'] };
  }
  const found = Object.fromEntries(DIVERGENCES.map((d) => [d, estimateFrom(d, r)])) as Divergences;
  return { ...found, notes: notesOf(sample) };
}
