/** log n − (n − 1)/n, an upper bound of KL(π_n ‖ prior) that is attained only without ties and in the limit; nats. */
export function klBound(n: number): number {
  return Math.log(n) - (n - 1) / n;
}

/**
 * The same bound where a share `dead` of the prior has weight zero and groups of dead texts alone return nothing. It is the
 * bound on all outcomes, "nothing" with probability deadⁿ among them, solved for the part that is a text.
 */
export function klBoundGivenAlive(n: number, dead: number): number {
  if (dead === 0) return klBound(n);
  const none = dead ** n;
  return (klBound(n) - (n - 1) * none * Math.log(dead)) / (1 - none) - Math.log1p(-none);
}

/**
 * KL(π_n ‖ prior) as far as one returned text tells, whose reward has the prior probability `eps` (Beirami, Agarwal,
 * Berant, D'Amour, Eisenstein, Nagpal & Suresh 2024); to be averaged over returned texts. Nats.
 */
export function klFromReturned(n: number, eps: number): number {
  const log1m = Math.log1p(-eps);
  const none = Math.exp(n * log1m);
  const some = -Math.expm1(n * log1m);
  const lower = none === 0 ? 0 : none * (Math.log(n) + (n - 1) * log1m - (n - 1) / n);
  return lower + (some === 0 ? 0 : some * Math.log(some / eps));
}
