import {
  contains,
  divideRange,
  expRange,
  isNonNegative,
  isPoint,
  isPositive,
  point,
  range,
  type Span,
} from '@postulate/graph';
import type { Expr, ExprOf } from '../syntax/ast.ts';
import type { Binary } from './arithmetic.ts';
import { type Checker, type Env, error } from './checker.ts';
import { divisorMayBeZero } from './divisor.ts';
import { callFix, event, indicator, liftScore, numeric } from './lift.ts';
import { negativeFactor } from './negative-factor.ts';
import { sameTexts } from './shapes.ts';
import { quote } from './show.ts';
import { describe, ERROR, type DistributionValue, type ScoreValue, type Value } from './values.ts';

/** `d` with one more factor. */
export function withFactor(c: Checker, d: DistributionValue, factor: ScoreValue, span: Span): DistributionValue {
  const term = c.terms.add({ kind: 'times', base: d.term, factor: factor.term }, 'distribution', span);
  const constant = isPoint(factor.range) && factor.range.lo > 0 && factor.range.hi < Infinity;
  return { ...d, term, normalised: false, trivial: d.trivial && constant };
}

/** log density under a distribution: at most 0 where it is normalised. */
export function logProb(c: Checker, d: DistributionValue, span: Span): ScoreValue {
  const term = c.terms.add({ kind: 'logProb', distribution: d.term }, 'score', span);
  const hi = d.normalised ? range(-Infinity, 0, false, false) : range(-Infinity, Infinity, false, true);
  return { kind: 'score', term, range: hi };
}

/** Product of experts: the density of `other` becomes a factor. */
function product(c: Checker, env: Env, node: Binary, d: DistributionValue, other: DistributionValue): Value {
  const shape = sameTexts(c, env, d.shape, other.shape, node.span);
  const density = logProb(c, other, node.right.span);
  const term = c.terms.add({ kind: 'apply', fn: 'exp', args: [density.term] }, 'score', node.right.span);
  const factor: ScoreValue = { kind: 'score', term, range: expRange(density.range) };
  return { ...withFactor(c, d, factor, node.span), shape };
}

/** What multiplies a distribution, if it may. */
function factorOf(c: Checker, env: Env, v: Value, e: Expr): ScoreValue | undefined {
  if (v.kind === 'event' || v.kind === 'boolean') {
    const message = `a factor is a score of at least 0, but ${quote(e, 'this')} is ${describe(v)}`;
    error(c, env, 'P200', e.span, message, callFix('indicator', e));
    return undefined;
  }
  if (v.kind === 'random') {
    const message = `a factor is a score, but ${quote(e, 'this')} is ${describe(v)}`;
    error(c, env, 'P200', e.span, message, { help: 'take `mean(exp(…))`, `lower(…, k)` or `quantile(…, q)` of it' });
    return undefined;
  }
  const factor = liftScore(c, v, e.span);
  if (!factor) {
    const code = v.kind === 'observed' ? 'P207' : 'P200';
    error(c, env, code, e.span, `a factor is a score of at least 0, but ${quote(e, 'this')} is ${describe(v)}`);
    return undefined;
  }
  if (v.kind === 'number' && v.value === Infinity) {
    error(c, env, 'P303', e.span, 'a weight must be finite, found inf');
    return undefined;
  }
  if (isNonNegative(factor.range)) return factor;
  negativeFactor(c, env, factor, e);
  return undefined;
}

/** `d * s`, `s * d` and `d1 * d2`. */
export function multipliesDistribution(c: Checker, env: Env, node: Binary, left: Value, right: Value): Value {
  if (left.kind === 'distribution' && right.kind === 'distribution') return product(c, env, node, left, right);
  const [d, v, e] = left.kind === 'distribution' ? [left, right, node.right] : [right, left, node.left];
  if (d.kind !== 'distribution') return ERROR;
  const factor = factorOf(c, env, v, e);
  return factor ? withFactor(c, d, factor, node.span) : ERROR;
}

/** `d / s`: the factor is 1 / s. */
export function dividesDistribution(c: Checker, env: Env, node: Binary, d: DistributionValue, right: Value): Value {
  if (right.kind === 'distribution') {
    const message = '`/` is not defined between distributions';
    return error(c, env, 'P200', node.span, message, { help: 'multiply by `exp(-log_prob(…))` instead' });
  }
  const divisor = numeric(c, env, right, node.right, '`/`');
  if (!divisor) return ERROR;
  if (contains(divisor.range, 0) || (divisor.kind === 'number' && divisor.value === 0)) {
    return divisorMayBeZero(c, env, divisor, node.right);
  }
  const checked = factorOf(c, env, right, node.right);
  const inverse = checked && divideRange(point(1), checked.range);
  if (!inverse) return ERROR;
  const one = c.terms.add({ kind: 'number', value: 1 }, 'score', node.right.span);
  const body = { kind: 'arithmetic', op: 'divide', left: one, right: checked.term } as const;
  const term = c.terms.add(body, 'score', node.right.span);
  return withFactor(c, d, { kind: 'score', term, range: inverse }, node.span);
}

/** `d ^ t`: sequence-level tempering. */
export function tempers(c: Checker, env: Env, node: Binary, d: DistributionValue, right: Value): Value {
  if (right.kind !== 'number') {
    const message = `a distribution is tempered by a constant, but ${quote(node.right, 'this')} is ${describe(right)}`;
    return error(c, env, right.kind === 'score' ? 'P207' : 'P200', node.right.span, message);
  }
  if (!isPositive(right.range) || !(right.value > 0) || right.value === Infinity) {
    const message = `a distribution is tempered by a finite number greater than 0, found ${describe(right)}`;
    const help = right.param === undefined ? {} : { help: `declare \`${right.param}\` in (0, inf)` };
    return error(c, env, 'P205', node.right.span, message, help);
  }
  if (right.value === 1) return d;
  const term = c.terms.add({ kind: 'tempered', base: d.term, exponent: right.value }, 'distribution', node.span);
  return { kind: 'distribution', term, shape: d.shape, normalised: false, trivial: false };
}

/** `d | e | …` where the first part is a distribution: sugar for indicators. */
export function inferGiven(c: Checker, env: Env, e: ExprOf<'given'>): Value {
  let d = c.infer(e.parts[0], env);
  if (d.kind !== 'distribution' && d.kind !== 'error') {
    const message = `what stands before \`|\` is a distribution, but ${quote(e.parts[0], 'this')} is ${describe(d)}`;
    const help = env.inProperty ? 'an expectation is `E(s | d)`, a probability `P(e | d)`' : undefined;
    d = error(c, env, 'P200', e.parts[0].span, message, help === undefined ? {} : { help });
  }
  for (const part of e.parts.slice(1)) {
    const condition = event(c, env, c.infer(part, env), part, '`|`');
    if (d.kind !== 'distribution' || !condition) d = ERROR;
    else d = withFactor(c, d, indicator(c, condition, part.span), { ...part.span, start: e.span.start });
  }
  return d;
}
