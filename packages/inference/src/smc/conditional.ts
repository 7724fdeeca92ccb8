import type { Chooser } from '@postulate/models';
import { evenly, multinomialResample, type Resampled } from '../resampling/index.ts';

/** A text that the first particle is made to be. */
export interface Retained {
  readonly tokens: Int32Array;
  readonly finished: boolean;
}

/** A chooser that says the retained text's tokens one by one; V, the end of sequence, after the last. */
export function retainedChooser({ tokens }: Retained, end: number): Chooser {
  let at = 0;
  const chooser: Chooser = {
    choose: () => (at < tokens.length ? tokens[at++] : end),
    split: () => chooser,
  };
  return chooser;
}

/**
 * Multinomial resampling that keeps the first particle as its own parent: with a retained text that is an exact draw,
 * the law of conditional sequential Monte Carlo (Andrieu, Doucet & Holenstein 2010).
 */
export function conditionalResample(weights: Float64Array, count: number, chooser: Chooser): Resampled {
  const picked = new Int32Array(count);
  picked.set(multinomialResample(weights, count - 1, chooser), 1);
  return evenly(picked);
}
