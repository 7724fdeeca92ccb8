import type { PolicyGuide } from '@postulate/models';
import { settledValues } from '../../machine/index.ts';
import { logSumExp, minimiseSmooth, pivotedCholesky, solveLower, solveLowerTransposed } from '../../numeric/index.ts';
import type { Choices } from './reading-data.ts';

/** Log-probabilities that others tell to within this standard deviation are not read, nats: a policy in training moves by as much. */
const APART = 0.3;
/** A priori, how much a state's value moves with one standard deviation of what is read: precision of a normal law, 1 / nats². */
const PRECISION = 4;
/** Iterations at most. */
const MOST = 100;
/** Ends the fit: nats, summed over all choices. */
const LEAST = 1e-3;
/** A log-probability below this counts as this, as the policy reads it (`GuideReading`). */
const FLOOR = -30;

/**
 * A guide whose values move with the row of the prior so that the law is met as nearly as can be: Σ KL(law ‖ guided prior) over the
 * choices, by where their tokens lead, is at its minimum but for a normal prior on how far a value moves. Multinomial logistic regression
 * on log-probabilities of some tokens, which is convex.
 */
export function fitReading(guide: PolicyGuide, choices: Choices): PolicyGuide {
  const { machine, values } = guide;
  const read = whiten(choices);
  const { size } = read;
  const open = openValues(guide);
  const width = size + 1;
  const { x } = minimiseSmooth(
    (at, gradient) => misfit({ choices, read, open, states: machine.states }, at, gradient),
    new Float64Array(machine.states * width),
    MOST,
    LEAST,
  );
  const weights = new Float64Array(machine.states * size);
  const moved = values.slice();
  for (let s = 0; s < machine.states; s++) {
    const own = x.slice(s * width, s * width + size);
    solveLowerTransposed(read.factor, size, own);
    weights.set(own, s * size);
    let constant = x[s * width + size];
    for (let k = 0; k < size; k++) constant -= own[k] * read.means[k];
    for (let index = s; index < moved.length; index += machine.states) if (open[index] === 1) moved[index] += constant;
  }
  return { machine, values: moved, reading: { tokens: read.tokens, weights, open } };
}

/** 1 for the values of states from which what the factors add is still open. */
function openValues({ machine, values }: PolicyGuide): Uint8Array {
  const maxTokens = values.length / machine.states - 1;
  return Uint8Array.from(values, (_, index) => {
    const t = Math.floor(index / machine.states);
    return Number.isNaN(settledValues(machine, maxTokens - t)[index % machine.states]) ? 1 : 0;
  });
}

/** What is read, as numbers of mean 0 and covariance 1 over the choices: x = L⁻¹ (ℓ − mean). */
interface Whitened {
  readonly size: number;
  readonly tokens: Int32Array;
  readonly means: Float64Array;
  /** L, size × size. */
  readonly factor: Float64Array;
  /** count × size. */
  readonly x: Float64Array;
}

function whiten({ count, candidates, logs }: Choices): Whitened {
  const n = candidates.length;
  const all = Float64Array.from(logs, (l) => Math.max(l, FLOOR));
  const means = new Float64Array(n);
  for (let k = 0; k < all.length; k++) means[k % n] += all[k] / count;
  for (let k = 0; k < all.length; k++) all[k] -= means[k % n];
  const { pivots, factor } = pivotedCholesky(covariance(all, count, n), n, APART ** 2);
  const size = pivots.length;
  const x = new Float64Array(count * size);
  for (let j = 0; j < count; j++) {
    for (let k = 0; k < size; k++) x[j * size + k] = all[j * n + pivots[k]];
    solveLower(factor, size, x, j * size);
  }
  return {
    ...{ size, factor, x },
    tokens: Int32Array.from(pivots, (k) => candidates[k]),
    means: Float64Array.from(pivots, (k) => means[k]),
  };
}

function covariance(centred: Float64Array, count: number, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let j = 0; j < count; j++) {
    const row = centred.subarray(j * n, (j + 1) * n);
    for (let a = 0; a < n; a++) {
      const by = row[a] / count;
      for (let b = 0; b <= a; b++) out[a * n + b] += by * row[b];
    }
  }
  for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) out[b * n + a] = out[a * n + b];
  return out;
}

interface Problem {
  readonly choices: Choices;
  readonly read: Whitened;
  readonly open: Uint8Array;
  readonly states: number;
}

/** Σ KL + the normal prior at w, states × (size + 1), the last of each state a constant. */
function misfit({ choices, read, open, states }: Problem, w: Float64Array, gradient: Float64Array): number {
  const { size, x } = read;
  const width = size + 1;
  let sum = 0;
  gradient.fill(0);
  for (let k = 0; k < w.length; k++) {
    sum += (PRECISION / 2) * w[k] * w[k];
    gradient[k] = PRECISION * w[k];
  }
  const logits = new Float64Array(states + 1);
  for (let j = 0; j < choices.count; j++) {
    const [from, to] = [choices.offsets[j], choices.offsets[j + 1]];
    const row = x.subarray(j * size, (j + 1) * size);
    /** Where the weights of what a way leads to begin; −1 for one whose value does not move. */
    const weightsOf = (k: number): number => {
      const value = choices.values[k];
      return value < 0 || open[value] === 0 ? -1 : (value % states) * width;
    };
    for (let k = from; k < to; k++) {
      const s = weightsOf(k);
      logits[k - from] = choices.guided[k] + (s < 0 ? 0 : worth(w, s, row));
    }
    const total = logSumExp(logits, to - from);
    for (let k = from; k < to; k++) {
      const log = logits[k - from] - total;
      const wanted = choices.wanted[k];
      if (wanted > 0) sum += wanted * (Math.log(wanted) - log);
      const s = weightsOf(k);
      if (s >= 0) addTo(gradient, s, row, Math.exp(log) - wanted);
    }
  }
  return sum;
}

/** What a row adds to a value whose weights begin at `s`, the constant after them. */
function worth(w: Float64Array, s: number, row: Float64Array): number {
  let sum = w[s + row.length];
  for (let r = 0; r < row.length; r++) sum += w[s + r] * row[r];
  return sum;
}

function addTo(gradient: Float64Array, s: number, row: Float64Array, by: number): void {
  for (let r = 0; r < row.length; r++) gradient[s + r] += by * row[r];
  gradient[s + row.length] += by;
}
