import { type Claim, type ComparisonOperator, type Range, unionRange, UNIT } from '@postulate/graph';
import type { Expr, ExprOf } from '../syntax/ast.ts';
import type { Binary } from './arithmetic.ts';
import { type Checker, type Env, error } from './checker.ts';
import { claimOf, conversion, liftEvent, liftScore, numeric, type Numeric } from './lift.ts';
import { quote } from './show.ts';
import type { TermId } from './terms.ts';
import { describe, ERROR, type EventValue, type Value, type ValueOf } from './values.ts';

/** An event, a constant, or a truth value of a property. */
type Logical = EventValue | ValueOf<'boolean'> | ValueOf<'observed'>;

const observed = (claim: Claim<TermId>): ValueOf<'observed'> => ({
  kind: 'observed',
  of: 'boolean',
  range: UNIT,
  claim,
});

function logical(c: Checker, env: Env, v: Value, e: Expr, where: string): Logical | undefined {
  if (v.kind === 'event' || v.kind === 'boolean' || (v.kind === 'observed' && v.of === 'boolean')) return v;
  if (v.kind === 'error') return undefined;
  const message = `${where} takes events, but ${quote(e, 'this')} is ${describe(v)}`;
  error(c, env, 'P200', e.span, message, conversion('event', v, e));
  return undefined;
}

function negated(c: Checker, v: Logical, e: Expr): Logical {
  if (v.kind === 'boolean') return { kind: 'boolean', value: !v.value };
  if (v.kind === 'observed') return observed({ kind: 'not', of: v.claim });
  return { kind: 'event', term: c.terms.add({ kind: 'not', of: v.term }, 'event', e.span) };
}

/** Conjunction or disjunction of events and constants; constants that decide or change nothing are dropped. */
function joined(c: Checker, op: 'and' | 'or', items: readonly Logical[], e: Expr): Logical {
  const absorbing = op === 'or';
  if (items.some((v) => v.kind === 'boolean' && v.value === absorbing)) return { kind: 'boolean', value: absorbing };
  const events = items.flatMap((v) => (v.kind === 'event' ? [v.term] : []));
  if (events.length === 0) return { kind: 'boolean', value: !absorbing };
  const flat = events.flatMap((id): readonly TermId[] => {
    const term = c.terms.list[id];
    return term.kind === op && term.label === undefined ? term.of : [id];
  });
  const of = [...new Set(flat)];
  if (of.length === 1) return { kind: 'event', term: of[0] };
  return { kind: 'event', term: c.terms.add({ kind: op, of }, 'event', e.span) };
}

function mixed(c: Checker, env: Env, e: Expr): Value {
  const message = 'an event and a truth value that is only known in a property cannot be combined';
  return error(c, env, 'P207', e.span, message, { help: 'apply the event to a text first: `e(x)`' });
}

function combine(c: Checker, env: Env, op: 'and' | 'or', items: readonly (Logical | undefined)[], e: Expr): Value {
  const known = items.filter((v) => v !== undefined);
  if (known.length < items.length) return ERROR;
  if (!known.some((v) => v.kind === 'observed')) return joined(c, op, known, e);
  const truths = known.flatMap((v) => (v.kind === 'event' ? [] : [v]));
  return truths.length < known.length ? mixed(c, env, e) : observed({ kind: op, of: truths.map(claimOf) });
}

/** `a and b and …` or `a or b or …`, the whole chain at once. */
export function inferJunction(c: Checker, env: Env, op: 'and' | 'or', operands: readonly Expr[], e: Expr): Value {
  const items = operands.map((o) => logical(c, env, c.infer(o, env), o, `\`${op}\``));
  return combine(c, env, op, items, e);
}

export function inferImplies(c: Checker, env: Env, node: Binary): Value {
  const a = logical(c, env, c.infer(node.left, env), node.left, '`implies`');
  const b = logical(c, env, c.infer(node.right, env), node.right, '`implies`');
  if (a?.kind === 'observed' && b !== undefined && b.kind !== 'event') {
    return observed({ kind: 'implies', left: a.claim, right: claimOf(b) });
  }
  return a ? combine(c, env, 'or', [negated(c, a, node.left), b], node) : ERROR;
}

export function inferNot(c: Checker, env: Env, e: ExprOf<'not'>): Value {
  const v = logical(c, env, c.infer(e.operand, env), e.operand, '`not`');
  return v ? negated(c, v, e) : ERROR;
}

function holds(op: ComparisonOperator, a: number, b: number): boolean {
  switch (op) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    default:
      return op satisfies never;
  }
}

interface Operand {
  readonly value: Numeric;
  readonly e: Expr;
}

function link(c: Checker, env: Env, op: ComparisonOperator, a: Operand, b: Operand, whole: Expr): Logical | undefined {
  if (a.value.kind === 'number' && b.value.kind === 'number') {
    return { kind: 'boolean', value: holds(op, a.value.value, b.value.value) };
  }
  const seen = a.value.kind === 'observed' || b.value.kind === 'observed';
  const ofText = a.value.kind === 'score' || b.value.kind === 'score';
  if (seen && ofText) {
    mixed(c, env, whole);
    return undefined;
  }
  const span = { ...whole.span, start: a.e.span.start, end: b.e.span.end };
  if (seen && isPlain(a.value) && isPlain(b.value)) {
    return observed({ kind: 'compare', op, left: claimOf(a.value), right: claimOf(b.value), span });
  }
  const left = liftScore(c, a.value, a.e.span);
  const right = liftScore(c, b.value, b.e.span);
  if (!left || !right) return undefined;
  return liftEvent(
    c,
    { kind: 'event', term: c.terms.add({ kind: 'compare', op, left: left.term, right: right.term }, 'event', span) },
    span,
  );
}

const isPlain = (v: Numeric): v is ValueOf<'number'> | ValueOf<'observed'> =>
  v.kind === 'number' || v.kind === 'observed';

/** A chain is the conjunction of its links; each operand is inferred once. */
export function inferComparison(c: Checker, env: Env, e: ExprOf<'comparison'>): Value {
  const operands = e.operands.map((o): Operand | undefined => {
    const v = c.infer(o, env);
    if (v.kind === 'random') {
      const message = `a comparison takes numbers and scores, but ${quote(o, 'this')} is ${describe(v)}`;
      error(c, env, 'P200', o.span, message, conversion('number', v, o));
      return undefined;
    }
    const value = v.kind === 'error' ? undefined : numeric(c, env, v, o, 'a comparison');
    return value && { value, e: o };
  });
  const links = e.ops.map((op, i) => {
    const [a, b] = [operands[i], operands[i + 1]];
    return a && b ? link(c, env, op, a, b, e) : undefined;
  });
  return links.length === 1 ? (links[0] ?? ERROR) : combine(c, env, 'and', links, e);
}

function branchesOfEvent(c: Checker, env: Env, e: ExprOf<'if'>, condition: EventValue, a: Value, b: Value): Value {
  const [left, right] = [liftScore(c, a, e.then.span), liftScore(c, b, e.else.span)];
  if (left && right) {
    const body = { kind: 'choose', condition: condition.term, then: left.term, else: right.term } as const;
    return { kind: 'score', term: c.terms.add(body, 'score', e.span), range: unionRange(left.range, right.range) };
  }
  const [yes, no] = [liftEvent(c, a, e.then.span), liftEvent(c, b, e.else.span)];
  if (yes && no) {
    const off = negated(c, condition, e.condition);
    return joined(c, 'or', [joined(c, 'and', [condition, yes], e.then), joined(c, 'and', [off, no], e.else)], e);
  }
  const message = `the branches of \`if\` are ${describe(a)} and ${describe(b)}; both must be scores, or both events`;
  return error(c, env, 'P200', e.span, message);
}

type Told = ValueOf<'number'> | ValueOf<'boolean'> | ValueOf<'observed'>;

const isTold = (v: Value): v is Told => v.kind === 'number' || v.kind === 'boolean' || v.kind === 'observed';

const toldRange = (v: Told): Range => (v.kind === 'boolean' ? UNIT : v.range);

const isTruth = (v: Told): boolean => v.kind === 'boolean' || (v.kind === 'observed' && v.of === 'boolean');

/** A constant condition picks its branch; an event gives a score (or event) that evaluates only the branch taken. */
export function inferIf(c: Checker, env: Env, e: ExprOf<'if'>): Value {
  const condition = logical(c, env, c.infer(e.condition, env), e.condition, '`if`');
  const [a, b] = [c.infer(e.then, env), c.infer(e.else, env)];
  if (!condition || a.kind === 'error' || b.kind === 'error') return ERROR;
  if (condition.kind === 'boolean') return condition.value ? a : b;
  if (condition.kind === 'event') return branchesOfEvent(c, env, e, condition, a, b);
  if (isTold(a) && isTold(b) && isTruth(a) === isTruth(b)) {
    const claim = { kind: 'choose', condition: condition.claim, then: claimOf(a), else: claimOf(b) } as const;
    const range = unionRange(toldRange(a), toldRange(b));
    return { kind: 'observed', of: isTruth(a) ? 'boolean' : 'number', range, claim };
  }
  const message = `the branches of \`if\` are ${describe(a)} and ${describe(b)}; here both must be numbers, or both true or false`;
  return error(c, env, 'P200', e.span, message);
}
