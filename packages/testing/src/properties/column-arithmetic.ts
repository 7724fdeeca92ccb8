import {
  type ArithmeticOperator,
  type ComparisonOperator,
  COMPARISONS,
  logSigmoid,
  type ScoreFunction,
  sigmoid,
} from '@postulate/graph';
import {
  byFunction,
  cellAt,
  columnOf,
  inLogs,
  linear,
  rounded,
  sharedLogs,
  truthColumn,
  type Cell,
  type NumberColumn,
  type TruthColumn,
} from './column.ts';

type Binary = (a: Cell, b: Cell) => Cell;

const zip = (a: NumberColumn, b: NumberColumn, log: boolean, f: Binary): NumberColumn =>
  columnOf(a.values.length, log, (i) => f(cellAt(a, i), cellAt(b, i)));

const LINEAR: Readonly<Record<ArithmeticOperator, Binary>> = {
  add: (a, b) => withRounding(a.value + b.value, a.error + b.error),
  subtract: (a, b) => withRounding(a.value - b.value, a.error + b.error),
  multiply: (a, b) =>
    withRounding(a.value * b.value, Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error),
  divide: (a, b) => {
    const value = a.value / b.value;
    const room = Math.abs(b.value) - b.error;
    return withRounding(value, room > 0 ? (a.error + Math.abs(value) * b.error) / room : b.error > 0 ? Infinity : 0);
  },
  power: (a, b) => {
    const value = Math.pow(a.value, b.value);
    const relative = a.value === 0 ? 0 : Math.abs((b.value * a.error) / a.value);
    const exponent = a.value > 0 ? Math.abs(Math.log(a.value) * b.error) : 0;
    return { value, error: Math.abs(value) * Math.expm1(relative + exponent) + byFunction(value) };
  },
};

function withRounding(value: number, error: number): Cell {
  return { value, error: Number.isFinite(value) ? error + rounded(value) : error };
}

/** log(a + b) from log a and log b; errors are averaged with the weights of the sum. */
function logAdd(a: Cell, b: Cell): Cell {
  const [hi, lo] = a.value >= b.value ? [a, b] : [b, a];
  if (hi.value === -Infinity) return { value: -Infinity, error: 0 };
  const value = hi.value + Math.log1p(Math.exp(lo.value - hi.value));
  return { value, error: Math.max(hi.error, lo.error) + byFunction(value) + byFunction(1) };
}

/** 0 · anything is 0, as `0 · ∞` does not occur in the numbers of the language. */
const logMultiply: Binary = (a, b) =>
  a.value === -Infinity || b.value === -Infinity
    ? { value: -Infinity, error: 0 }
    : withRounding(a.value + b.value, a.error + b.error);

const logDivide: Binary = (a, b) => withRounding(a.value - b.value, a.error + b.error);

const logPower: Binary = (a, k) =>
  k.value === 0 && k.error === 0
    ? { value: 0, error: 0 }
    : withRounding(a.value * k.value, Math.abs(k.value) * a.error + Math.abs(a.value) * k.error);

export function arithmetic(op: ArithmeticOperator, a: NumberColumn, b: NumberColumn): NumberColumn {
  if (op === 'power' && a.log) return zip(a, linear(b), true, logPower);
  const logs = op === 'subtract' || op === 'power' ? undefined : sharedLogs(a, b);
  if (logs) {
    return zip(logs[0], logs[1], true, op === 'add' ? logAdd : op === 'multiply' ? logMultiply : logDivide);
  }
  return zip(linear(a), linear(b), false, LINEAR[op]);
}

export function negate(a: NumberColumn): NumberColumn {
  const plain = linear(a);
  return columnOf(plain.values.length, false, (i) => ({ value: 0 - plain.values[i], error: plain.errors[i] }));
}

const mapCells = (a: NumberColumn, log: boolean, f: (c: Cell) => Cell): NumberColumn =>
  columnOf(a.values.length, log, (i) => f(cellAt(a, i)));

/** A function whose slope is at most `slope` near the value. */
const smooth =
  (f: (x: number) => number, slope: (x: number) => number) =>
  ({ value, error }: Cell): Cell => ({ value: f(value), error: slope(value) * error + byFunction(f(value)) });

function extreme(args: readonly NumberColumn[], pick: (a: number, b: number) => number): NumberColumn {
  const logs = args.some((a) => a.log) ? args.map(inLogs) : [];
  const all = logs.length > 0 && logs.every((l) => l !== undefined) ? logs : args.map(linear);
  return all.reduce((a, b) =>
    zip(a, b, a.log, (x, y) => ({ value: pick(x.value, y.value), error: Math.max(x.error, y.error) })),
  );
}

export function applied(fn: ScoreFunction, args: readonly NumberColumn[]): NumberColumn {
  const [a] = args;
  switch (fn) {
    case 'exp': {
      const plain = linear(a);
      return { ...plain, log: true };
    }
    case 'log': {
      const logs = inLogs(a);
      if (logs) return { ...logs, log: false };
      return mapCells(
        a,
        false,
        smooth(Math.log, (x) => Math.abs(1 / x)),
      );
    }
    case 'sqrt':
      if (a.log) return mapCells(a, true, ({ value, error }) => ({ value: value / 2, error: error / 2 }));
      return mapCells(
        a,
        false,
        smooth(Math.sqrt, (x) => (x === 0 ? 0 : 0.5 / Math.sqrt(x))),
      );
    case 'abs':
      return a.log ? a : mapCells(a, false, ({ value, error }) => ({ value: Math.abs(value), error }));
    case 'min':
      return extreme(args, Math.min);
    case 'max':
      return extreme(args, Math.max);
    case 'clamp':
      return extreme([extreme([args[0], args[2]], Math.min), args[1]], Math.max);
    case 'sigmoid':
      return mapCells(
        linear(a),
        false,
        smooth(sigmoid, () => 0.25),
      );
    case 'log_sigmoid':
      return mapCells(
        linear(a),
        false,
        smooth(logSigmoid, () => 1),
      );
    default:
      return fn satisfies never;
  }
}

/**
 * Compares two columns, in logs where one is in logs and both are ≥ 0. Numbers that differ by no more than the rounding of
 * the arithmetic behind them count as equal: then `>=`, `<=` and `==` hold and `>`, `<` and `!=` do not.
 */
export function compared(op: ComparisonOperator, a: NumberColumn, b: NumberColumn): TruthColumn {
  const [x, y] = sharedLogs(a, b) ?? [linear(a), linear(b)];
  const holds = COMPARISONS[op];
  return truthColumn(x.values.length, (i) => {
    const [v, w] = [x.values[i], y.values[i]];
    const near = Math.abs(v - w) <= x.errors[i] + y.errors[i];
    return near && v !== w ? holds(v, v) : holds(v, w);
  });
}
