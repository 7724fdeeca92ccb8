/** The divergences that are estimated, by name. All but `tv` are in nats or, for `chi2`, have no unit. */
export const DIVERGENCES = ['klForward', 'klReverse', 'tv', 'js', 'chi2'] as const;
export type DivergenceName = (typeof DIVERGENCES)[number];

/**
 * One text's share g(a, b) of D(p, q), with a and b proportional to p(x) and q(x), and its elasticities a ∂g/∂a and
 * b ∂g/∂b: what an error of the normaliser of p or of q does to it.
 */
export interface Share {
  readonly value: number;
  readonly byP: number;
  readonly byQ: number;
}

const NOTHING: Share = { value: 0, byP: 0, byQ: 0 };
const INFINITE: Share = { value: Infinity, byP: 0, byQ: 0 };

/** x log(2x / (x + y)), 0 at x = 0. */
const half = (x: number, y: number): number => (x === 0 ? 0 : x * Math.log((2 * x) / (x + y)));

/**
 * Shares from log a and log b, `-Infinity` where there is no mass. `klForward` is KL(p ‖ q), `klReverse` KL(q ‖ p), `chi2`
 * χ²(p ‖ q) + 1. Total variation is taken as E(b − a)₊: with normalised p and q it is ½ E|a − b|, but it also counts what of
 * p lies where nothing was drawn.
 */
export const SHARES: Readonly<Record<DivergenceName, (logA: number, logB: number) => Share>> = {
  klForward(logA, logB) {
    if (logA === -Infinity) return NOTHING;
    if (logB === -Infinity) return INFINITE;
    const a = Math.exp(logA);
    const value = a * (logA - logB);
    return { value, byP: value + a, byQ: -a };
  },
  klReverse(logA, logB) {
    const { value, byP, byQ } = SHARES.klForward(logB, logA);
    return { value, byP: byQ, byQ: byP };
  },
  tv(logA, logB) {
    if (logB <= logA) return NOTHING;
    const [a, b] = [Math.exp(logA), Math.exp(logB)];
    return { value: b - a, byP: -a, byQ: b };
  },
  js(logA, logB) {
    const [a, b] = [Math.exp(logA), Math.exp(logB)];
    const [byP, byQ] = [half(a, b) / 2, half(b, a) / 2];
    return { value: byP + byQ, byP, byQ };
  },
  chi2(logA, logB) {
    if (logA === -Infinity) return NOTHING;
    if (logB === -Infinity) return INFINITE;
    const value = Math.exp(2 * logA - logB);
    return { value, byP: 2 * value, byQ: -value };
  },
};
