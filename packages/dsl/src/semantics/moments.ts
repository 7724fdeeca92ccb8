import type { Moment } from '@postulate/graph';
import type { ExprOf, MomentExpr } from '../syntax/ast.ts';
import { type Checker, type Env, error } from './checker.ts';
import { withFactor } from './distributions.ts';
import { event, indicator, score } from './lift.ts';
import { quote, show } from './show.ts';
import { describe, ERROR, type DistributionValue, type EventValue, type Value } from './values.ts';

/** An event that is certain, or a moment that stays one. */
type Constraint = { readonly certain: EventValue; readonly at: MomentExpr } | { readonly moment: Moment };

function featureOf(c: Checker, env: Env, m: MomentExpr): Value {
  const v = c.infer(m.of, env);
  const name = show(m.of) ?? '…';
  if (m.functional === 'P') {
    if (v.kind === 'score') {
      const message = `\`P\` takes an event, but ${quote(m.of, 'this')} is ${describe(v)}`;
      return error(c, env, 'P200', m.of.span, message, { help: `write \`E(${name})\`, or compare it with a number` });
    }
    return event(c, env, v, m.of, '`P`') ?? ERROR;
  }
  if (v.kind === 'event') {
    const message = `\`E\` takes a score, but ${quote(m.of, 'this')} is ${describe(v)}`;
    return error(c, env, 'P200', m.of.span, message, { help: `write \`P(${name})\`` });
  }
  return score(c, env, v, m.of, '`E`') ?? ERROR;
}

function valueOf(c: Checker, env: Env, m: MomentExpr): number | undefined {
  const v = c.infer(m.value, env);
  if (v.kind === 'error') return undefined;
  if (v.kind !== 'number') {
    const code = v.kind === 'score' || v.kind === 'observed' ? 'P207' : 'P200';
    error(c, env, code, m.value.span, `a moment is a constant number, but ${quote(m.value, 'this')} is ${describe(v)}`);
    return undefined;
  }
  if (!Number.isFinite(v.value)) {
    error(c, env, 'P307', m.value.span, 'a moment must be finite');
    return undefined;
  }
  if (m.functional === 'P' && !(v.value >= 0 && v.value <= 1)) {
    error(c, env, 'P303', m.value.span, `a probability lies in [0, 1], found ${v.value}`);
    return undefined;
  }
  return v.value;
}

/** P(e) = 1 and P(e) = 0, also as inequalities that leave nothing else, are conditioning and not moments. */
function constraint(c: Checker, env: Env, m: MomentExpr): Constraint | undefined {
  const of = featureOf(c, env, m);
  const value = valueOf(c, env, m);
  if (value === undefined) return undefined;
  if (of.kind === 'event') {
    if (value === 1 && m.relation !== '<=') return { certain: of, at: m };
    if (value === 0 && m.relation !== '>=') {
      const term = c.terms.add({ kind: 'not', of: of.term }, 'event', m.of.span);
      return { certain: { kind: 'event', term }, at: m };
    }
    return { moment: { of: of.term, relation: m.relation, value, span: m.span } };
  }
  return of.kind === 'score' ? { moment: { of: of.term, relation: m.relation, value, span: m.span } } : undefined;
}

/** `d subject to { … }` for a base that has been inferred. */
export function withMoments(c: Checker, env: Env, e: ExprOf<'subjectTo'>, base: Value): Value {
  const constraints = e.moments.map((m) => constraint(c, env, m));
  if (base.kind === 'error') return ERROR;
  if (base.kind !== 'distribution') {
    const message = `\`subject to\` follows a distribution, but ${quote(e.base, 'this')} is ${describe(base)}`;
    return error(c, env, 'P200', e.base.span, message);
  }
  let d: DistributionValue = base;
  const moments: Moment[] = [];
  for (const k of constraints) {
    if (!k) return ERROR;
    if ('moment' in k) moments.push(k.moment);
    else d = withFactor(c, d, indicator(c, k.certain, k.at.of.span), k.at.span);
  }
  if (moments.length === 0) return d;
  const term = c.terms.add({ kind: 'subject', base: d.term, moments }, 'distribution', e.span);
  return { ...d, term, normalised: false, trivial: false };
}
