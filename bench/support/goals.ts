/** A figure that the project holds itself to, as a row prints it. */
export interface Goal {
  /** What is asked for, in words: `error ≤ 0.14`. */
  readonly target: string;
  readonly met: boolean;
}

const text = (x: number): string => (x !== 0 && Math.abs(x) < 1e-3 ? x.toExponential(0) : x.toLocaleString('en'));

/** `slack` widens the limit by what the figure is uncertain, and is said. Figures that are not numbers meet nothing. */
export function atMost(name: string, value: number, limit: number, slack = 0): Goal {
  return { target: `${name} ≤ ${text(limit)}${slack > 0 ? ' + 3 SE' : ''}`, met: value <= limit + slack };
}

export function atLeast(name: string, value: number, limit: number): Goal {
  return { target: `${name} ≥ ${text(limit)}`, met: value >= limit };
}

/** Whether an estimate is no farther than one of its own standard errors from what it estimates. */
export function withinError(name: string, value: number, standardError: number, truth: number): Goal {
  return {
    target: `${name} ${truth.toPrecision(3)} ± own error`,
    met: Math.abs(value - truth) <= standardError,
  };
}
