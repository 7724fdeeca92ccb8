import type { Capability } from '@postulate/graph';
import type { DecodeSession, LanguageModel, SequenceBatch } from '@postulate/models';
import { packDrawn } from '../continuation/index.ts';
import { logSumExp } from '../numeric/index.ts';
import { policyId } from './sequences.ts';

/** Sequences in the order of a dictionary, a shorter one before what continues it, so that prefixes are ranges. */
interface Ordered {
  readonly batch: SequenceBatch;
  readonly rows: Int32Array;
  readonly logProbs: Float64Array;
  /** Running sums of probabilities: entry i is that of the first i. */
  readonly sums: Float64Array;
}

/** The law that gives each sequence of a list a probability ∝ exp(logWeight); some weight is positive. */
export function listedPolicy(
  like: Pick<LanguageModel, 'id' | 'vocabulary' | 'maxTokens'>,
  batch: SequenceBatch,
  logWeights: Float64Array,
): LanguageModel {
  const o = ordered(batch, logWeights);
  const end = like.vocabulary.size;
  const capabilities: readonly Capability[] = ['sample', 'nextTokenScores', 'completeScore'];
  return {
    id: policyId(like.id, 'listed'),
    vocabulary: like.vocabulary,
    maxTokens: like.maxTokens,
    capabilities: new Set(capabilities),
    open: (size) => openListed(o, end, size),
    sample: (count, chooser) =>
      packDrawn(
        Array.from({ length: count }, (_, i) => {
          const own = chooser.split(i);
          const at = own.uniform === undefined ? own.choose(o.logProbs) : above(o, own.uniform());
          const row = o.rows[at];
          const tokens = batch.tokens.subarray(batch.offsets[row], batch.offsets[row + 1]);
          return { tokens, finished: batch.finished[row] === 1, logProb: o.logProbs[at] };
        }),
      ),
    logProb: (asked) => Float64Array.from({ length: asked.size }, (_, i) => logProbOf(o, asked, i)),
  };
}

function ordered(batch: SequenceBatch, logWeights: Float64Array): Ordered {
  const { tokens, offsets } = batch;
  const alive = Array.from(logWeights.keys()).filter((i) => logWeights[i] > -Infinity);
  const compare = (a: number, b: number): number => {
    const [from, other] = [offsets[a], offsets[b]];
    const [length, otherLength] = [offsets[a + 1] - from, offsets[b + 1] - other];
    for (let k = 0; k < Math.min(length, otherLength); k++) {
      const difference = tokens[from + k] - tokens[other + k];
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  };
  const rows = Int32Array.from(alive.sort(compare));
  const logZ = logSumExp(logWeights);
  const logProbs = Float64Array.from(rows, (i) => logWeights[i] - logZ);
  const sums = new Float64Array(rows.length + 1);
  logProbs.forEach((l, i) => (sums[i + 1] = sums[i] + Math.exp(l)));
  return { batch, rows, logProbs, sums };
}

/** Token `t` of the i-th sequence; the end of sequence where it is over, −1 where it was stopped before. */
function tokenAt({ batch, rows }: Ordered, i: number, t: number, end: number): number {
  const at = batch.offsets[rows[i]] + t;
  if (at < batch.offsets[rows[i] + 1]) return batch.tokens[at];
  return batch.finished[rows[i]] === 1 ? end : -1;
}

function above(o: Ordered, u: number): number {
  const target = u * o.sums[o.rows.length];
  let lo = 0;
  let hi = o.rows.length - 1;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (o.sums[mid + 1] > target) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}

/** First index in [lo, hi) whose token `t` is at least `bound`; those that are over by then come first. */
function lowerBound(o: Ordered, lo: number, hi: number, t: number, bound: number, end: number): number {
  const order = (w: number): number => (w === end ? -1 : w);
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (order(tokenAt(o, mid, t, end)) >= bound) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}

function logProbOf(o: Ordered, asked: SequenceBatch, row: number): number {
  const end = 0x7fffffff;
  let [lo, hi] = [0, o.rows.length];
  const length = asked.offsets[row + 1] - asked.offsets[row];
  for (let t = 0; t < length; t++) {
    const token = asked.tokens[asked.offsets[row] + t];
    [lo, hi] = [lowerBound(o, lo, hi, t, token, end), lowerBound(o, lo, hi, t, token + 1, end)];
  }
  const found = lo < hi && o.batch.offsets[o.rows[lo] + 1] - o.batch.offsets[o.rows[lo]] === length;
  return found && o.batch.finished[o.rows[lo]] === asked.finished[row] ? o.logProbs[lo] : -Infinity;
}

function openListed(o: Ordered, end: number, size: number): DecodeSession {
  const width = end + 1;
  let t = 0;
  let from = new Int32Array(size);
  let to = new Int32Array(size).fill(o.rows.length);
  const mass = (lo: number, hi: number): number => {
    // Differences of running sums lose small masses: those few are added up anew.
    if (hi - lo > 64) return o.sums[hi] - o.sums[lo];
    let sum = 0;
    for (let i = lo; i < hi; i++) sum += Math.exp(o.logProbs[i]);
    return sum;
  };
  const write = (row: number, out: Float64Array): void => {
    out.fill(-Infinity);
    let total = 0;
    const found: [number, number][] = [];
    for (let i = from[row]; i < to[row];) {
      const token = tokenAt(o, i, t, end);
      const next = token === end || token === -1 ? i + 1 : lowerBound(o, i, to[row], t, token + 1, end);
      if (token >= 0) found.push([token, mass(i, next)]);
      if (token >= 0) total += found[found.length - 1][1];
      i = next;
    }
    for (const [token, m] of found) out[token] = Math.log(m / total);
  };
  return {
    get logProbs() {
      const out = new Float64Array(from.length * width);
      for (let i = 0; i < from.length; i++) write(i, out.subarray(i * width, (i + 1) * width));
      return out;
    },
    advance(tokens) {
      for (let i = 0; i < from.length; i++) {
        if (from[i] >= to[i]) continue;
        const lo = tokens[i] >= 0 && tokens[i] < end ? lowerBound(o, from[i], to[i], t, tokens[i], end) : to[i];
        const hi = lo < to[i] ? lowerBound(o, lo, to[i], t, tokens[i] + 1, end) : lo;
        [from[i], to[i]] = [lo, hi];
      }
      t++;
    },
    reorder(ancestors) {
      from = Int32Array.from(ancestors, (a) => from[a]);
      to = Int32Array.from(ancestors, (a) => to[a]);
    },
  };
}
