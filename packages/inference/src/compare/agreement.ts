import type { Approximation, Estimate } from '../port/index.ts';
import type { Agreement, Expectations } from './comparison.ts';

interface Figures {
  readonly logZ: Estimate | null;
  readonly entropy: Estimate | null;
  readonly klToPrior: Estimate | null;
  readonly expectations: Expectations;
}

/** Rounding between two roads to one number. */
const ROUNDING = 1e-8;

function deviation(a: Estimate | null | undefined, b: Estimate | null | undefined): number | undefined {
  if (!a || !b || a.standardError === null || b.standardError === null) return undefined;
  const gap = Math.abs(a.value - b.value);
  if (a.value === b.value || gap <= ROUNDING * Math.max(1, Math.abs(b.value))) return 0;
  return gap / Math.hypot(a.standardError, b.standardError);
}

/** A mean of draws that all gave one value has no spread to estimate an error from: it says nothing about how far off it is. */
function spread(e: Estimate | null | undefined, { guarantee }: Approximation): Estimate | null | undefined {
  return guarantee !== 'exact' && e?.standardError === 0 ? undefined : e;
}

/** The largest deviation of a run's estimates of the posterior from the reference, in joint standard errors. */
export function agreementWith(reference: Figures, result: Approximation): Agreement | null {
  const pairs: (readonly [string, Estimate | null | undefined, Estimate | null | undefined])[] = [
    ['log Z', result.logZ, reference.logZ],
    ['entropy', result.entropy, reference.entropy],
    ['KL to prior', result.klToPrior, reference.klToPrior],
    ...Object.entries(reference.expectations).map(
      ([name, e]) => [name, spread(result.expectations[name], result), e] as const,
    ),
  ];
  let worst: Agreement | null = null;
  for (const [of, found, truth] of pairs) {
    const z = deviation(found, truth);
    if (z !== undefined && (worst === null || z > worst.worst)) worst = { worst: z, of };
  }
  return worst;
}
