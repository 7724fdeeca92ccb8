/**
 * A divergence D(π, p) = E_p f(t) with t = π/p, by what its gradient needs: ∇ D = E_π[f′(t) ∇ log π] (Go et al. 2023;
 * `algorithms.md` 3.6). Arguments are log t; `Infinity` where p has no mass.
 */
export interface Generator {
  readonly name: string;
  /** f(t) / t, the share of a draw of π; `Infinity` is legal. */
  share(logT: number): number;
  /** f′(t). */
  slope(logT: number): number;
  /** Whether f′ stays finite where p has no mass. */
  readonly allowsZero: boolean;
  /** Whether only the ratios of f′ to a constant matter, so that log Z need not be known. */
  readonly needsZ: boolean;
}

const log1pExp = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

export const GENERATORS: readonly Generator[] = [
  {
    name: 'forward-kl',
    share: (l) => (l === Infinity ? 0 : -l * Math.exp(-l)),
    slope: (l) => -Math.exp(-l),
    ...{ allowsZero: true, needsZ: true },
  },
  {
    name: 'reverse-kl',
    share: (l) => l,
    slope: (l) => l + 1,
    ...{ allowsZero: false, needsZ: false },
  },
  {
    name: 'tv',
    share: (l) => 0.5 * Math.abs(Math.expm1(-l)),
    slope: (l) => 0.5 * Math.sign(l),
    ...{ allowsZero: true, needsZ: true },
  },
  {
    name: 'js',
    // log(2t/(t + 1)) = log 2 − log(1 + 1/t), and log(2/(t + 1)) / t beside it.
    share: (l) => (l === Infinity ? Math.LN2 : Math.LN2 - log1pExp(-l) + Math.exp(-l) * (Math.LN2 - log1pExp(l))),
    slope: (l) => Math.LN2 - log1pExp(-l),
    ...{ allowsZero: true, needsZ: true },
  },
  {
    name: 'chi2-forward',
    share: (l) => Math.expm1(-l) ** 2,
    slope: (l) => -Math.expm1(-2 * l),
    ...{ allowsZero: true, needsZ: true },
  },
  {
    name: 'chi2-reverse',
    share: (l) => Math.exp(-l) * Math.expm1(l) ** 2,
    slope: (l) => 2 * Math.expm1(l),
    ...{ allowsZero: false, needsZ: true },
  },
];
