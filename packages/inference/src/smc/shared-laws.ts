import type { Chooser } from '@postulate/models';
import { firstAbove } from '../numeric/index.ts';
import type { TokenRows } from '../rows/index.ts';
import type { SharedTwist } from '../twists/index.ts';
import type { Extended } from './extension.ts';

/** Numbers that the laws kept may hold; the oldest make room. */
const MOST_NUMBERS = 4_000_000;
/** Keys that are looked up in an array: those of a small prior under a small automaton. */
const FIRST_KEYS = 4096;

/** The locally optimal law of one context and one key of the twist. Logs in nats. */
interface Law {
  /** log ψ, without the shift of the row. */
  readonly psi: Float64Array;
  /** log of the prior. */
  readonly prior: Float64Array;
  /** log of prior · ψ, without the shift, and the log of their sum. */
  readonly logs: Float64Array;
  readonly logTotal: number;
  /** Running sums of exp(logs), up to a factor, cut after the last that is not zero. */
  readonly sums: Float64Array;
}

function makeLaw(i: number, rows: TokenRows, twist: SharedTwist, width: number): Law {
  const psi = new Float64Array(width);
  const prior = new Float64Array(width);
  const logs = new Float64Array(width);
  const sums = new Float64Array(width);
  twist.law(i, psi);
  rows.fill(i, prior);
  let max = -Infinity;
  for (let v = 0; v < width; v++) {
    logs[v] = psi[v] === -Infinity ? -Infinity : prior[v] + psi[v];
    if (logs[v] > max) max = logs[v];
  }
  if (max === -Infinity) return { psi, prior, logs, logTotal: max, sums };
  let last = 0;
  let sum = 0;
  for (let v = 0; v < width; v++) {
    const weight = Math.exp(logs[v] - max);
    if (weight > 0) last = v;
    sums[v] = sum += weight;
  }
  const cut = last + 1 < width ? sums.slice(0, last + 1) : sums;
  return { psi, prior, logs, logTotal: max + Math.log(sum), sums: cut };
}

/** Draws the next tokens of rows of which many share a law; what is kept does not change what is drawn. */
export type SharedDraw = (i: number, chooser: Chooser, out: Extended, rows: TokenRows, twist: SharedTwist) => void;

/** `width` is the size of the vocabulary and one. */
export function sharedDraws(width: number): SharedDraw {
  const laws = new Map<number, Law>();
  const most = Math.max(1, Math.floor(MOST_NUMBERS / (4 * width)));
  const first: (Law | undefined)[] = new Array<Law | undefined>(Math.min(FIRST_KEYS, most)).fill(undefined);
  const lawOf = (i: number, rows: TokenRows, twist: SharedTwist): Law => {
    const key = rows.context!(i) * twist.keys + twist.key(i);
    if (key < first.length) return (first[key] ??= makeLaw(i, rows, twist, width));
    let law = laws.get(key);
    if (law === undefined) {
      law = makeLaw(i, rows, twist, width);
      if (laws.size >= Math.max(1, most - first.length)) laws.delete(laws.keys().next().value!);
      laws.set(key, law);
    }
    return law;
  };
  return (i, chooser, out, rows, twist) => {
    const law = lawOf(i, rows, twist);
    if (law.logTotal === -Infinity) {
      out.tokens[i] = -1;
      out.logPrior[i] = out.logRatio[i] = -Infinity;
      out.logTwist[i] = 0;
      return;
    }
    const { sums } = law;
    const { uniform } = chooser;
    const token =
      uniform === undefined ? chooser.choose(law.logs) : firstAbove(sums, uniform() * sums[sums.length - 1]);
    out.tokens[i] = token;
    out.logPrior[i] = law.prior[token];
    out.logRatio[i] = law.logTotal - law.psi[token];
    out.logTwist[i] = twist.shift(i) + law.psi[token];
  };
}
