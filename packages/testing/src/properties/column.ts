/**
 * Numbers with what they may be off by, one a text: |true − value| ≤ error, errors propagated operation by operation from
 * the unit roundoff (running error analysis: Higham, Accuracy and Stability of Numerical Algorithms, 2002, §3.3). A column in
 * logs holds the natural log of a number ≥ 0 and the error of that log, so that densities far below the smallest double
 * keep their digits.
 */
export interface NumberColumn {
  readonly kind: 'number';
  readonly log: boolean;
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

export interface TruthColumn {
  readonly kind: 'truth';
  /** 0 or 1. */
  readonly values: Uint8Array;
}

export type Column = NumberColumn | TruthColumn;

/** Unit roundoff of doubles. */
export const ROUNDOFF = 2 ** -53;

/** Ulps that an elementary function of the language's runtime may be off by; V8's exp, log and pow keep within one. */
const FUNCTION_ULPS = 2;

export const rounded = (value: number): number => (Number.isFinite(value) ? Math.abs(value) * ROUNDOFF : 0);

export const byFunction = (value: number): number => 2 * FUNCTION_ULPS * rounded(value);

export function constantColumn(value: number, size: number): NumberColumn {
  return {
    kind: 'number',
    log: false,
    values: new Float64Array(size).fill(value),
    errors: new Float64Array(size),
  };
}

export function truthColumn(size: number, holds: (i: number) => boolean): TruthColumn {
  return { kind: 'truth', values: Uint8Array.from({ length: size }, (_, i) => (holds(i) ? 1 : 0)) };
}

/** One number of a column. */
export interface Cell {
  readonly value: number;
  readonly error: number;
}

export const cellAt = (c: NumberColumn, i: number): Cell => ({ value: c.values[i], error: c.errors[i] });

/** A column from its cells. */
export function columnOf(size: number, log: boolean, make: (i: number) => Cell): NumberColumn {
  const values = new Float64Array(size);
  const errors = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const { value, error } = make(i);
    values[i] = value;
    errors[i] = Number.isNaN(error) ? 0 : error;
  }
  return { kind: 'number', log, values, errors };
}

/** log of a cell; a number that rounding may have made of zero has no digits left in logs. */
function logOf({ value, error }: Cell): Cell {
  if (value === 0 && error === 0) return { value: -Infinity, error: 0 };
  const log = Math.log(value);
  return { value: log, error: error >= value ? Infinity : -Math.log1p(-error / value) + byFunction(log) };
}

function expOf({ value, error }: Cell): Cell {
  const x = Math.exp(value);
  return { value: x, error: x * Math.expm1(error) + byFunction(x) };
}

/** The numbers themselves. */
export function linear(c: NumberColumn): NumberColumn {
  return c.log ? columnOf(c.values.length, false, (i) => expOf(cellAt(c, i))) : c;
}

/** The numbers in logs; undefined where one of them is negative. */
export function inLogs(c: NumberColumn): NumberColumn | undefined {
  if (c.log) return c;
  if (c.values.some((v) => !(v >= 0))) return undefined;
  return columnOf(c.values.length, true, (i) => logOf(cellAt(c, i)));
}

/** Both in logs, where one of them is and the other can be. */
export function sharedLogs(a: NumberColumn, b: NumberColumn): readonly [NumberColumn, NumberColumn] | undefined {
  if (!a.log && !b.log) return undefined;
  const [x, y] = [inLogs(a), inLogs(b)];
  return x && y ? [x, y] : undefined;
}
