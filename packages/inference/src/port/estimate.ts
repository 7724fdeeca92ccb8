/** A number and how far off it may be; `standardError` is 0 for exact values and null where none can be given. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number | null;
}

/** Estimate of log Z, nats. `unbiased` speaks of Z, not of log Z. */
export interface LogZEstimate extends Estimate {
  readonly kind: 'exact' | 'unbiased' | 'lower bound';
}
