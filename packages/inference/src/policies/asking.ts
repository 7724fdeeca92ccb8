import { logAddExp, logSumExp } from '../numeric/index.ts';

type Rows = Float32Array | Float64Array;

/** Ways on of less weight than this share of the row, beyond what they would weigh at the mean of ψ, are not asked about; its logarithm. */
const LEAST_GAIN = Math.log(1e-3);
/** A token whose log ψ is no further than this from the row's mean cannot gain enough to matter. */
const LEAST_CHANGE = 0.1;
/** Ways on from a prefix of the batch that are asked about at most; from what they lead to, one each. */
const WAYS = 2;

/** What the prior is asked. */
export interface Asking {
  /** Tokens beyond a prefix of the batch. */
  readonly depth: number;
  /** By token: how far off ψ is after it, as a share of itself, as a rule (`doubtsOf`). */
  readonly doubts?: Float64Array | undefined;
}

/** A prefix that waits to be told what some ways on from it are worth. */
export interface Waiting {
  /** log Σ prior · ψ over all tokens by the twist, and over all but those asked about. */
  readonly total: number;
  readonly rest: number;
  readonly ways: readonly Way[];
  /** How many of them have no answer yet. */
  open: number;
  /** What wants to know about this prefix in its turn; nothing for a prefix of the batch, which is that before `choice`. */
  readonly asker: Way | undefined;
  readonly choice: number;
}

/** A token that the prior is asked about. */
export interface Way {
  readonly of: Waiting;
  readonly token: number;
  readonly logPrior: number;
  readonly share: number;
  /** log ψ of the prefix with it, once it is known. */
  value: number;
}

/** A row prior · ψ after a prefix, as logarithms: `scores`, whose sum is `total`, and the prior's part, which begins at `from` of `laws`. */
export interface AskedRow {
  readonly laws: Rows;
  readonly from: number;
  readonly scores: Float64Array;
  readonly total: number;
  /** Of the row of the prefix of the batch, what has gone this way. */
  readonly share: number;
}

/** The tokens that ψ may change a row by enough, the most first: two after a prefix of the batch, one further on. */
export function waysOn(
  { laws, from, scores, total, share }: AskedRow,
  depth: number,
  logDoubts: Float64Array | undefined,
): readonly number[] {
  const least = LEAST_GAIN - Math.log(share);
  const found: (readonly [gain: number, token: number])[] = [];
  for (let v = 0; v + 1 < scores.length; v++) {
    const change = scores[v] - laws[from + v] - total;
    let by = logDoubts === undefined ? -Infinity : logDoubts[v];
    if (Math.abs(change) > LEAST_CHANGE) by = Math.max(by, Math.log(Math.abs(Math.expm1(change))));
    const gain = laws[from + v] + by;
    if (gain > least && scores[v] > -Infinity) found.push([gain, v]);
  }
  found.sort(([a], [b]) => b - a);
  return found.slice(0, depth === 0 ? WAYS : 1).map(([, v]) => v);
}

/** Has a prefix wait for what `tokens` after it are worth; takes them out of its scores. */
export function waitFor(
  { laws, from, scores, total, share }: AskedRow,
  tokens: readonly number[],
  asker: Way | undefined,
  choice: number,
): readonly Way[] {
  const shares = tokens.map((v) => share * Math.exp(Math.max(laws[from + v], scores[v] - total)));
  for (const v of tokens) scores[v] = -Infinity;
  const ways: Way[] = [];
  const of: Waiting = { total, rest: logSumExp(scores), ways, open: tokens.length, asker, choice };
  tokens.forEach((token, i) => ways.push({ of, token, logPrior: laws[from + token], share: shares[i], value: NaN }));
  return ways;
}

/** `value` is log ψ of a way on. What a prefix of the batch knows by it, with log Σ prior · ψ of its row, once that is all it has asked. */
export function answer(way: Way, value: number): { readonly of: Waiting; readonly now: number } | undefined {
  way.value = value;
  const { of } = way;
  if (--of.open > 0) return undefined;
  const now = of.ways.reduce((sum, w) => logAddExp(sum, w.logPrior + w.value), of.rest);
  return of.asker === undefined ? { of, now } : answer(of.asker, now);
}
