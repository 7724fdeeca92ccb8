import { RunningMoments } from '../../numeric/index.ts';
import type { Estimate } from '../../port/index.ts';

/** Entropy −E log q of a law from its own draws' log densities; nats. Null without draws. */
export function entropyEstimate(logDensities: Iterable<number>): Estimate | null {
  const moments = new RunningMoments();
  for (const l of logDensities) moments.add(-l);
  return moments.count === 0 ? null : { value: moments.mean, standardError: moments.standardError };
}
