import { logAddExp } from '../numeric/index.ts';

/**
 * Mean weights of prefixes by (position, state, last token), each drawn towards the mean of a coarser bucket:
 * m = (Σ w + κ · m_coarser) / (n + κ), from all prefixes over (position, state) and (rough position, state, token) to
 * (position, state, token). Everything in logs, nats. Where some weight is positive every mean is.
 */
export class Buckets {
  private readonly sums = new Map<string, { log: number; count: number }>();
  private readonly seen = new Map<string, Set<number>>();
  private readonly fine: (t: number) => number;
  private readonly rough: (t: number) => number;

  /** `maxTokens` has a bucket of its own, since texts are complete there. */
  constructor(maxTokens: number) {
    const cut = (cells: number) => (t: number) => (t === maxTokens ? -1 : Math.floor((t * cells) / maxTokens));
    this.fine = cut(Math.min(maxTokens, FINE));
    this.rough = cut(Math.min(maxTokens, ROUGH));
  }

  add(t: number, state: number, token: number, logWeight: number): void {
    for (const key of this.keys(t, state, token)) {
      let sum = this.sums.get(key);
      if (sum === undefined) this.sums.set(key, (sum = { log: -Infinity, count: 0 }));
      sum.log = logAddExp(sum.log, logWeight);
      sum.count++;
    }
    const place = `${this.rough(t)},${state}`;
    let tokens = this.seen.get(place);
    if (tokens === undefined) this.seen.set(place, (tokens = new Set()));
    tokens.add(token);
  }

  /** Mean of a prefix that ends in a token not seen there. */
  common(t: number, state: number): number {
    return this.shrunk(this.keys(t, state, -1).slice(0, 2));
  }

  /** Means of prefixes by last token, of those tokens that were seen there. */
  byToken(t: number, state: number): ReadonlyMap<number, number> {
    const tokens = this.seen.get(`${this.rough(t)},${state}`) ?? [];
    return new Map([...tokens].map((w) => [w, this.shrunk(this.keys(t, state, w))]));
  }

  /** From the coarsest bucket to the finest. */
  private keys(t: number, state: number, token: number): readonly string[] {
    const [fine, rough] = [this.fine(t), this.rough(t)];
    return ['', `p${fine},${state}`, `r${rough},${state},${token}`, `t${fine},${state},${token}`];
  }

  private shrunk(keys: readonly string[]): number {
    const [all, ...finer] = keys.map((k) => this.sums.get(k));
    let mean = all === undefined || all.log === -Infinity ? 0 : all.log - Math.log(all.count);
    for (const sum of finer) {
      if (sum === undefined) continue;
      mean = logAddExp(sum.log, Math.log(PULL) + mean) - Math.log(sum.count + PULL);
    }
    return mean;
  }
}

/** Prefixes that the coarser mean counts as. */
const PULL = 4;
/** Positions told apart, finely and roughly. */
const FINE = 32;
const ROUGH = 4;
