import { type Claim, expRange, isNonPositive, type Range } from '@postulate/graph';
import type { Pointwise } from '../registry/types.ts';
import type { CallArgument } from '../syntax/ast.ts';
import { all, type BuiltinCall, one } from './call.ts';
import { error } from './checker.ts';
import { claimOf, event, indicator, liftScore, number, numeric, type Numeric } from './lift.ts';
import { quote, show, strip } from './show.ts';
import type { TermId } from './terms.ts';
import { describe, ERROR, liesIn, type Value, type ValueOf } from './values.ts';

interface Operand {
  readonly value: Numeric;
  readonly at: CallArgument;
}

function randomOperand(call: BuiltinCall, p: Pointwise, of: ValueOf<'random'>, at: CallArgument): Value {
  const { c, env, e, builtin } = call;
  if (p.fn === 'exp' && !of.exponential) {
    const term = c.terms.add({ kind: 'apply', fn: 'exp', args: [of.term] }, 'random', e.span);
    return { kind: 'random', term, range: expRange(of.range), mean: expRange(of.range), exponential: true };
  }
  const message = `\`${builtin.name}\` takes numbers and scores, but ${quote(at.value, 'this')} is ${describe(of)}`;
  const help = 'random scores allow `+ - * /` with scores, and one `exp`; `mean(…)` or `lower(…, k)` gives a score';
  return error(c, env, 'P200', at.value.span, message, { help });
}

function outsideDomain(call: BuiltinCall, p: Pointwise, operands: readonly Operand[]): Value {
  const [{ value, at }] = operands;
  const message =
    `\`${call.builtin.name}\` needs values ${p.domain ?? 'in its domain'}, ` +
    `but ${quote(at.value, 'this')} ${liesIn(value.range)}`;
  const help = `for example \`${call.builtin.name}(max(${show(strip(at.value)) ?? '…'}, 0))\``;
  return error(call.c, call.env, 'P205', at.value.span, message, { help });
}

function apply(call: BuiltinCall, p: Pointwise, operands: readonly Operand[]): Value {
  const { c, env, e } = call;
  const values = operands.map((o) => o.value);
  const random = operands.find((o) => o.value.kind === 'random');
  if (random?.value.kind === 'random') return randomOperand(call, p, random.value, random.at);
  const range: Range | undefined = p.range(values.map((v) => v.range));
  if (!range) return outsideDomain(call, p, operands);
  const numbers = values.flatMap((v) => (v.kind === 'number' ? [v.value] : []));
  if (numbers.length === values.length) return number(c, env, p.value(numbers), range, e.span);
  const observed = values.flatMap((v) => (v.kind === 'observed' || v.kind === 'number' ? [v] : []));
  if (observed.length === values.length) {
    const claim: Claim<TermId> = { kind: 'apply', fn: p.fn, args: observed.map(claimOf) };
    return { kind: 'observed', of: 'number', range, claim };
  }
  const scores = operands.map((o) => liftScore(c, o.value, o.at.value.span));
  const terms = scores.flatMap((s) => (s ? [s.term] : []));
  if (terms.length < scores.length) {
    return error(c, env, 'P207', e.span, 'a score and a number that is only known in a property cannot be combined');
  }
  return { kind: 'score', term: c.terms.add({ kind: 'apply', fn: p.fn, args: terms }, 'score', e.span), range };
}

function operandsOf(call: BuiltinCall): readonly Operand[] | undefined {
  const { c, env, builtin } = call;
  const inner = builtin.name === 'exp' ? { ...env, insideExp: true } : env;
  const operands = builtin.parameters
    .flatMap((p) => all(call, p.name))
    .map((at): Operand | undefined => {
      const v = c.infer(at.value, inner);
      const value = v.kind === 'error' ? undefined : numeric(c, env, v, at.value, `\`${builtin.name}\``);
      return value && { value, at };
    });
  const known = operands.filter((o) => o !== undefined);
  return known.length === operands.length ? known : undefined;
}

/** `exp`, `max`, `clamp`, …: on numbers a number, on scores a score, on what a property observes a number again. */
export function inferPointwise(call: BuiltinCall, p: Pointwise): Value {
  const operands = operandsOf(call);
  return operands ? apply(call, p, operands) : ERROR;
}

const EXP: Pointwise = { fn: 'exp', value: ([x]) => Math.exp(x), range: ([r]) => expRange(r) };

/** `exp(s)` for a score that is provably at most 0. */
export function inferOptimality(call: BuiltinCall): Value {
  const operands = operandsOf(call);
  if (!operands) return ERROR;
  const [{ value, at }] = operands;
  if (isNonPositive(value.range)) return apply(call, EXP, operands);
  const text = show(strip(at.value)) ?? '…';
  const message = `\`optimality\` needs a score that is provably at most 0, but ${quote(at.value, 'this')} ${liesIn(value.range)}`;
  const help = `write \`min(${text}, 0)\`, subtract an upper bound, or use \`exp(${text})\``;
  return error(call.c, call.env, 'P209', at.value.span, message, { help });
}

export function inferIndicator(call: BuiltinCall): Value {
  const { c, env, e } = call;
  const a = one(call, 'event');
  const of = c.infer(a.value, env);
  if (of.kind === 'observed' && of.of === 'boolean') {
    const [one, zero] = [1, 0].map((value) => ({ kind: 'number', value }) as const);
    return { ...of, of: 'number', claim: { kind: 'choose', condition: of.claim, then: one, else: zero } };
  }
  const condition = event(c, env, of, a.value, '`indicator`');
  return condition ? indicator(c, condition, e.span) : ERROR;
}
