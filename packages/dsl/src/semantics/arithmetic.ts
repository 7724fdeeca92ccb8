import {
  addRange,
  type ArithmeticOperator,
  divideRange,
  formatRange,
  multiplyRange,
  negateRange,
  point,
  powerRange,
  type Range,
  subtractRange,
} from '@postulate/graph';
import type { ExprOf } from '../syntax/ast.ts';
import { type Checker, type Env, error, warning } from './checker.ts';
import { dividesDistribution, multipliesDistribution, tempers } from './distributions.ts';
import { divisorMayBeZero } from './divisor.ts';
import { claimOf, liftScore, number, numeric, type Numeric } from './lift.ts';
import { quote } from './show.ts';
import { describe, ERROR, type Value } from './values.ts';

export type Binary = ExprOf<'binary'>;

const OPERATORS: Readonly<Record<string, ArithmeticOperator>> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '^': 'power',
};

function compute(op: ArithmeticOperator, a: number, b: number): number {
  switch (op) {
    case 'add':
      return a + b;
    case 'subtract':
      return a - b;
    case 'multiply':
      return a * b;
    case 'divide':
      return a / b;
    case 'power':
      return Math.pow(a, b);
    default:
      return op satisfies never;
  }
}

function ranges(op: ArithmeticOperator, a: Range, b: Range): Range | undefined {
  switch (op) {
    case 'add':
      return addRange(a, b);
    case 'subtract':
      return subtractRange(a, b);
    case 'multiply':
      return multiplyRange(a, b);
    case 'divide':
      return divideRange(a, b);
    case 'power':
      return powerRange(a, b);
    default:
      return op satisfies never;
  }
}

function outside(c: Checker, env: Env, node: Binary, a: Numeric, b: Numeric): Value {
  if (node.op === '/') return divisorMayBeZero(c, env, b, node.right);
  const message =
    `\`^\` needs a constant whole exponent or a base of at least 0 (and no negative power of 0): ` +
    `the base lies in ${formatRange(a.range)}, the exponent in ${formatRange(b.range)}`;
  return error(c, env, 'P205', node.span, message, { help: 'for example `exp(k * s)`, or `max(s, 0) ^ k`' });
}

function randomResult(c: Checker, env: Env, node: Binary, a: Numeric, b: Numeric, range: Range): Value {
  const op = OPERATORS[node.op];
  const affine =
    op === 'add' ||
    op === 'subtract' ||
    (op === 'multiply' && (a.kind !== 'random' || b.kind !== 'random')) ||
    (op === 'divide' && b.kind !== 'random');
  if (!affine) {
    const message = `\`${node.op}\` between random scores is not an affine map`;
    return error(c, env, 'P200', node.span, message, {
      help: 'take `mean(…)`, `lower(…, k)` or `quantile(…, q)` first',
    });
  }
  const left = a.kind === 'random' ? a : liftScore(c, a, node.left.span);
  const right = b.kind === 'random' ? b : liftScore(c, b, node.right.span);
  if (!left || !right) return mixedObserved(c, env, node);
  const meanOf = (v: Numeric): Range => (v.kind === 'random' ? v.mean : v.range);
  const term = c.terms.add({ kind: 'arithmetic', op, left: left.term, right: right.term }, 'random', node.span);
  const exponential = (a.kind === 'random' && a.exponential) || (b.kind === 'random' && b.exponential);
  return { kind: 'random', term, range, mean: ranges(op, meanOf(a), meanOf(b)) ?? range, exponential };
}

function mixedObserved(c: Checker, env: Env, node: Binary): Value {
  const message = 'a score and a number that is only known in a property cannot be combined';
  return error(c, env, 'P207', node.span, message, { help: 'apply the score to a text first: `reward(x)`' });
}

function negativeDivisor(c: Checker, env: Env, node: Binary, divisor: Numeric): void {
  if (node.op !== '/' || !env.insideExp || divisor.kind !== 'number' || !(divisor.range.hi < 0)) return;
  const message = `${quote(node.right, 'this divisor')} is negative: inside \`exp\` it turns a reward into a penalty`;
  warning(c, env, 'P406', node.right.span, message, { help: 'a temperature is greater than 0' });
}

function arithmetic(c: Checker, env: Env, node: Binary, a: Numeric, b: Numeric): Value {
  const op = OPERATORS[node.op];
  negativeDivisor(c, env, node, b);
  const squared = op === 'multiply' && a.kind === 'score' && b.kind === 'score' && a.term === b.term;
  const range = squared ? powerRange(a.range, point(2)) : ranges(op, a.range, b.range);
  const zeroDivisor = op === 'divide' && b.kind === 'number' && b.value === 0;
  if (range === undefined || zeroDivisor) return outside(c, env, node, a, b);
  if (a.kind === 'number' && b.kind === 'number')
    return number(c, env, compute(op, a.value, b.value), range, node.span);
  if (a.kind === 'random' || b.kind === 'random') return randomResult(c, env, node, a, b, range);
  if (a.kind === 'observed' || b.kind === 'observed') {
    if (a.kind === 'score' || b.kind === 'score') return mixedObserved(c, env, node);
    const claim = { kind: 'arithmetic', op, left: claimOf(a), right: claimOf(b) } as const;
    return { kind: 'observed', of: 'number', range, claim };
  }
  const left = liftScore(c, a, node.left.span);
  const right = liftScore(c, b, node.right.span);
  if (!left || !right) return ERROR;
  const term = c.terms.add({ kind: 'arithmetic', op, left: left.term, right: right.term }, 'score', node.span);
  return { kind: 'score', term, range };
}

/** `left op right` for `+ - * / ^`, distributions included. */
export function inferArithmetic(c: Checker, env: Env, node: Binary, left: Value, right: Value): Value {
  if (left.kind === 'error' || right.kind === 'error') return ERROR;
  if (left.kind === 'distribution' || right.kind === 'distribution') {
    if (node.op === '*') return multipliesDistribution(c, env, node, left, right);
    if (node.op === '/' && left.kind === 'distribution') return dividesDistribution(c, env, node, left, right);
    if (node.op === '^' && left.kind === 'distribution') return tempers(c, env, node, left, right);
    const help =
      node.op === '+' ? '`mixture(d1, d2, weights = […])` combines priors' : '`*` and `|` reweight distributions';
    const message = `\`${node.op}\` is not defined for ${describe(left)} and ${describe(right)}`;
    return error(c, env, 'P200', node.span, message, { help });
  }
  const where = `\`${node.op}\``;
  const a = numeric(c, env, left, node.left, where);
  const b = numeric(c, env, right, node.right, where);
  return a && b ? arithmetic(c, env, node, a, b) : ERROR;
}

export function inferNegate(c: Checker, env: Env, e: ExprOf<'negate'>): Value {
  const v = c.infer(e.operand, env);
  const a = v.kind === 'error' ? undefined : numeric(c, env, v, e.operand, '`-`');
  if (!a) return ERROR;
  const range = negateRange(a.range);
  if (a.kind === 'number') return { kind: 'number', value: -a.value + 0, range };
  if (a.kind === 'observed') return { ...a, range, claim: { kind: 'negate', of: a.claim } };
  const term = c.terms.add({ kind: 'negate', of: a.term }, a.kind, e.span);
  if (a.kind === 'random') return { ...a, term, range, mean: negateRange(a.mean) };
  return { kind: 'score', term, range };
}
