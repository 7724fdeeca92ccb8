import {
  estimateSome,
  normaliseWeights,
  shareStandardError,
  weightedEstimate,
  type DensitySample,
} from '../../diagnostics/index.ts';
import { RunningMoments } from '../../numeric/index.ts';
import type { Estimate, ThresholdPoint } from '../../port/index.ts';

/** Relative slack of comparisons of log weights with log M: weights that tie with M differ from it by rounding. */
const TIE = 1e-12;

/** log w − log M, and 0 for weights that tie with M. */
export function excessOver(logThreshold: number, logWeight: number): number {
  const d = logWeight - logThreshold;
  return Math.abs(d) <= TIE * (1 + Math.abs(logThreshold)) ? 0 : d;
}

/** Share of proposals that the threshold accepts, E min(1, w/M). */
export function acceptanceAt(logWeights: Float64Array, logThreshold: number): number {
  let sum = 0;
  for (const w of logWeights) sum += Math.exp(Math.min(0, w - logThreshold));
  return sum / logWeights.length;
}

/** Plug-in total variation between p and p_M, Σ (b − a)₊ of the normalised weights. */
export function totalVariationAt(logWeights: Float64Array, logThreshold: number): number {
  const p = normaliseWeights(logWeights);
  const q = normaliseWeights(logWeights.map((w) => Math.min(w, logThreshold)));
  return p.reduce((sum, a, i) => sum + Math.max(0, q[i] - a), 0);
}

/** Importance weights of p and of p_M ∝ min(γ, M h) against the proposal h, both unnormalised (`algorithms.md` 4.2). */
export function quasiSample(logWeights: Float64Array, logThreshold: number): DensitySample {
  return {
    logP: logWeights,
    logQ: logWeights.map((w) => (excessOver(logThreshold, w) > 0 ? logThreshold : w)),
    logProposal: new Float64Array(logWeights.length),
  };
}

function acceptanceEstimate(logWeights: Float64Array, logThreshold: number): Estimate {
  const moments = new RunningMoments();
  for (const w of logWeights) moments.add(Math.exp(Math.min(0, excessOver(logThreshold, w))));
  const sure = moments.mean === 0 || moments.mean === 1;
  const error = sure ? shareStandardError(moments.mean, moments.count) : moments.standardError;
  return { value: moments.mean, standardError: error };
}

/**
 * 1 − p(A_M) with A_M the texts of weight at most M: an upper bound of the total variation, often a loose one (Eikema et al.
 * 2022). Weights that tie with M count as at most M.
 */
function boundEstimate(logWeights: Float64Array, shares: Float64Array, logThreshold: number): Estimate {
  const above = logWeights.map((w) => (excessOver(logThreshold, w) > 0 ? 1 : 0));
  return weightedEstimate(shares, above);
}

/**
 * What a threshold costs and gains, from the log weights of independent proposals of which one at least is not dead; `shares` are the
 * weights, normalised.
 */
export function tradeOff(
  logWeights: Float64Array,
  logThreshold: number,
  shares = normaliseWeights(logWeights),
): ThresholdPoint {
  const sample = quasiSample(logWeights, logThreshold);
  const [tv, kl] = estimateSome(['tv', 'klForward'], sample, { normalised: false })!;
  return {
    logThreshold,
    acceptanceRate: acceptanceEstimate(logWeights, logThreshold),
    ...{ tv, kl, tvBound: boundEstimate(logWeights, shares, logThreshold) },
  };
}

/** Points of the curve. */
const POINTS = 25;

/** The trade-off at thresholds spread evenly in log M over the weights seen, `logThreshold` among them; ascending. */
export function tradeOffCurve(logWeights: Float64Array, logThreshold: number): readonly ThresholdPoint[] {
  const live = logWeights.filter((w) => w > -Infinity);
  const least = live.reduce((a, b) => Math.min(a, b), logThreshold);
  const most = live.reduce((a, b) => Math.max(a, b), logThreshold);
  const grid = Array.from({ length: POINTS }, (_, i) => least + ((most - least) * i) / (POINTS - 1));
  const thresholds = [...new Set([...grid, logThreshold])].sort((a, b) => a - b);
  const shares = normaliseWeights(logWeights);
  return thresholds.map((m) => tradeOff(logWeights, m, shares));
}
