import { type Claim, point, type Range, type Span, UNIT } from '@postulate/graph';
import type { Expr } from '../syntax/ast.ts';
import { type Checker, type Env, error } from './checker.ts';
import { wrapFix, type More } from './report.ts';
import { quote, show, strip } from './show.ts';
import type { TermId } from './terms.ts';
import { describe, type EventValue, type ScoreValue, type Value, type ValueOf } from './values.ts';

/** What arithmetic works on. */
export type Numeric = ValueOf<'number'> | ScoreValue | ValueOf<'random'> | ValueOf<'observed'>;

/** Puts a call of `fn` around an expression. */
export function callFix(fn: string, e: Expr): More {
  const text = show(strip(e)) ?? '…';
  const title = `write \`${fn}(${text})\``;
  const [before, after] = e.kind === 'group' ? [fn, ''] : [`${fn}(`, ')'];
  return { help: title, fix: wrapFix(title, e.span, before, after) };
}

/** Help for a value of the wrong type, where there is a usual way to the right one. */
export function conversion(wanted: 'number' | 'event', v: Value, e: Expr): More {
  if (v.kind === 'string') return callFix(wanted === 'event' ? 'contains' : 'count', e);
  if (wanted === 'number') {
    if (v.kind === 'event' || v.kind === 'boolean') return callFix('indicator', e);
    if (v.kind === 'distribution') return { help: '`log_prob(d)` is the score of a distribution' };
    if (v.kind === 'random') return callFix('mean', e);
    return {};
  }
  if (v.kind === 'score') {
    const text = show(strip(e)) ?? '…';
    const title = `compare it with a number: \`${text} > 0\``;
    return { help: title, fix: wrapFix(title, e.span, '', ' > 0') };
  }
  return {};
}

/** A number, score, random score or observed number; anything else is reported. */
export function numeric(c: Checker, env: Env, v: Value, e: Expr, where: string): Numeric | undefined {
  if (v.kind === 'number' || v.kind === 'score' || v.kind === 'random') return v;
  if (v.kind === 'observed' && v.of === 'number') return v;
  if (v.kind === 'error') return undefined;
  const message = `${where} takes numbers and scores, but ${quote(e, 'this')} is ${describe(v)}`;
  error(c, env, 'P200', e.span, message, conversion('number', v, e));
  return undefined;
}

/** The score that a number or score is; `undefined` for other kinds. */
export function liftScore(c: Checker, v: Value, span: Span): ScoreValue | undefined {
  if (v.kind === 'score') return v;
  if (v.kind !== 'number') return undefined;
  const param = v.param === undefined ? {} : { param: v.param };
  const term = c.terms.add({ kind: 'number', value: v.value, ...param }, 'score', span);
  return { kind: 'score', term, range: v.range };
}

export function score(c: Checker, env: Env, v: Value, e: Expr, where: string): ScoreValue | undefined {
  const lifted = liftScore(c, v, e.span);
  if (lifted || v.kind === 'error') return lifted;
  if (v.kind === 'observed') {
    error(c, env, 'P207', e.span, `${where} takes a score, but ${quote(e, 'this')} is ${describe(v)}`);
    return undefined;
  }
  const message = `${where} takes a score, but ${quote(e, 'this')} is ${describe(v)}`;
  error(c, env, 'P200', e.span, message, conversion('number', v, e));
  return undefined;
}

export function liftEvent(c: Checker, v: Value, span: Span): EventValue | undefined {
  if (v.kind === 'event') return v;
  if (v.kind !== 'boolean') return undefined;
  return { kind: 'event', term: c.terms.add({ kind: 'boolean', value: v.value }, 'event', span) };
}

export function event(c: Checker, env: Env, v: Value, e: Expr, where: string): EventValue | undefined {
  const lifted = liftEvent(c, v, e.span);
  if (lifted || v.kind === 'error') return lifted;
  const code = v.kind === 'observed' ? 'P207' : 'P200';
  const message = `${where} takes an event, but ${quote(e, 'this')} is ${describe(v)}`;
  error(c, env, code, e.span, message, conversion('event', v, e));
  return undefined;
}

/** What a property says by a number or truth value: a constant says itself. */
export function claimOf(v: ValueOf<'number'> | ValueOf<'boolean'> | ValueOf<'observed'>): Claim<TermId> {
  if (v.kind === 'observed') return v.claim;
  if (v.kind === 'boolean') return { kind: 'boolean', value: v.value };
  return { kind: 'number', value: v.value, ...(v.param === undefined ? {} : { param: v.param }) };
}

/** The score 1 where the event holds and 0 elsewhere. */
export function indicator(c: Checker, e: EventValue, span: Span): ScoreValue {
  const of = c.terms.list[e.term];
  const range: Range = of.kind === 'boolean' ? point(of.value ? 1 : 0) : UNIT;
  return { kind: 'score', term: c.terms.add({ kind: 'indicator', event: e.term }, 'score', span), range };
}

/** A Number computed from others; NaN is reported. */
export function number(c: Checker, env: Env, value: number, range: Range, span: Span): Value {
  if (!Number.isNaN(value)) return { kind: 'number', value: value + 0, range };
  return error(c, env, 'P205', span, 'this is not a number: the operation is undefined for these values');
}
