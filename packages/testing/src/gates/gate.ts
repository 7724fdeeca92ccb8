/**
 * The outcome of a statistical gate: passes unless the p-value is at most `falseAlarm`, the probability with which
 * a correct program may be refused. Each gate says whether that probability is a bound or an approximation.
 */
export interface GateResult {
  readonly gate: string;
  readonly passes: boolean;
  readonly statistic: number;
  readonly pValue: number;
  readonly falseAlarm: number;
  readonly message: string;
}

export interface GateOptions {
  /** Probability of refusing what is right; default 1e-6. */
  readonly falseAlarm?: number;
}

export const DEFAULT_FALSE_ALARM = 1e-6;

export function gateResult(
  gate: string,
  statistic: number,
  pValue: number,
  { falseAlarm = DEFAULT_FALSE_ALARM }: GateOptions,
  found: string,
): GateResult {
  const passes = pValue > falseAlarm;
  const p = pValue.toPrecision(3);
  const verdict = passes ? 'passes' : `fails at false-alarm rate ${falseAlarm}`;
  return { gate, passes, statistic, pValue, falseAlarm, message: `${gate}: ${found}, p = ${p}, ${verdict}` };
}

/**
 * Several gates as one, by Bonferroni: `build` receives each gate's share of the rate, and the whole refuses what is
 * right with probability at most `falseAlarm`, however the gates depend on each other.
 */
export function allGates(
  gate: string,
  builders: readonly ((share: Required<GateOptions>) => GateResult)[],
  { falseAlarm = DEFAULT_FALSE_ALARM }: GateOptions = {},
): GateResult {
  const share = { falseAlarm: falseAlarm / Math.max(1, builders.length) };
  const results = builders.map((build) => build(share));
  const worst = results.reduce((a, b) => (b.pValue < a.pValue ? b : a));
  const pValue = Math.min(1, worst.pValue * results.length);
  return gateResult(gate, worst.statistic, pValue, { falseAlarm }, `worst of ${results.length}: ${worst.message}`);
}
