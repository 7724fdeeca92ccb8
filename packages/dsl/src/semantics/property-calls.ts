import { type Claim, NON_NEGATIVE, range, type Range, UNIT } from '@postulate/graph';
import type { CallArgument, Expr, ExprOf } from '../syntax/ast.ts';
import { type BuiltinCall, distributionArgument, one } from './call.ts';
import { error } from './checker.ts';
import { event, score } from './lift.ts';
import { withMoments } from './moments.ts';
import { sameTexts } from './shapes.ts';
import { quote, show } from './show.ts';
import type { TermId } from './terms.ts';
import { describe, type DistributionValue, ERROR, type Value } from './values.ts';

const LOG_WEIGHT: Range = range(-Infinity, Infinity, false, true);
const DIVERGENCE: Range = range(0, Infinity, false, false);

const observed = (r: Range, claim: Claim<TermId>): Value => ({ kind: 'observed', of: 'number', range: r, claim });

interface Split {
  readonly of: Expr;
  readonly under: Value;
  readonly at: Expr;
}

/** `s | d | e`: the first bar divides, what follows is the distribution. */
function bar(e: ExprOf<'given'>): { readonly of: Expr; readonly rest: Expr } {
  const [of, ...parts] = e.parts;
  if (parts.length === 1) return { of, rest: parts[0] };
  return { of, rest: { kind: 'given', parts, span: { ...e.span, start: parts[0].span.start } } };
}

function split(call: BuiltinCall, a: CallArgument): Split | undefined {
  const { c, env, builtin } = call;
  const e = a.value;
  const given = e.kind === 'given' ? e : e.kind === 'subjectTo' && e.base.kind === 'given' ? e.base : undefined;
  if (!given) {
    const what = builtin.name === 'E' ? 's' : 'e';
    const message = `\`${builtin.name}\` needs the distribution it is taken under: \`${builtin.name}(${what} | d)\``;
    error(c, env, 'P201', e.span, message);
    return undefined;
  }
  const { of, rest } = bar(given);
  const base = c.infer(rest, env);
  return { of, under: e.kind === 'subjectTo' ? withMoments(c, env, { ...e, base: rest }, base) : base, at: rest };
}

function distributionOf(call: BuiltinCall, s: Split): DistributionValue | undefined {
  if (s.under.kind === 'distribution') return s.under;
  if (s.under.kind !== 'error') {
    const message = `what stands after the bar is a distribution, but ${quote(s.at, 'this')} is ${describe(s.under)}`;
    error(call.c, call.env, 'P200', s.at.span, message);
  }
  return undefined;
}

export function inferExpectation(call: BuiltinCall): Value {
  const { c, env } = call;
  const parts = split(call, one(call, 'score'));
  if (!parts) return ERROR;
  const of = c.infer(parts.of, env);
  const under = distributionOf(call, parts);
  if (of.kind === 'event') {
    const help = `write \`P(${show(parts.of) ?? '…'} | …)\``;
    const message = `\`E\` takes a score, but ${quote(parts.of, 'this')} is ${describe(of)}`;
    return error(c, env, 'P200', parts.of.span, message, { help });
  }
  const s = score(c, env, of, parts.of, '`E`');
  return s && under ? observed(s.range, { kind: 'mean', of: s.term, under: under.term }) : ERROR;
}

export function inferProbability(call: BuiltinCall): Value {
  const { c, env } = call;
  const parts = split(call, one(call, 'event'));
  if (!parts) return ERROR;
  const of = event(c, env, c.infer(parts.of, env), parts.of, '`P`');
  const under = distributionOf(call, parts);
  return under && of ? observed(UNIT, { kind: 'mean', of: of.term, under: under.term }) : ERROR;
}

/** `KL` and `TV`. */
export function inferDivergence(call: BuiltinCall): Value {
  const a = distributionArgument(call, one(call, 'd1'));
  const b = distributionArgument(call, one(call, 'd2'));
  if (!a || !b) return ERROR;
  sameTexts(call.c, call.env, a.shape, b.shape, call.e.span);
  const fn = call.builtin.name === 'KL' ? 'KL' : 'TV';
  return observed(fn === 'KL' ? DIVERGENCE : UNIT, { kind: 'divergence', fn, left: a.term, right: b.term });
}

/** `H` and `log_Z`. */
export function inferFunctional(call: BuiltinCall): Value {
  const d = distributionArgument(call, one(call, 'd'));
  if (!d) return ERROR;
  if (call.builtin.name === 'H') return observed(NON_NEGATIVE, { kind: 'functional', fn: 'entropy', of: d.term });
  return observed(LOG_WEIGHT, { kind: 'functional', fn: 'logZ', of: d.term });
}

/** `log_density(d, x)` and `ratio(d, x)`. */
export function inferDensity(call: BuiltinCall): Value {
  const { c, env } = call;
  const d = distributionArgument(call, one(call, 'd'));
  const at = one(call, 'x').value;
  const x = c.infer(at, env);
  if (!d || x.kind === 'error') return ERROR;
  if (x.kind === 'text' && call.builtin.name === 'ratio') {
    return observed(NON_NEGATIVE, { kind: 'ratio', distribution: d.term, text: x.name });
  }
  if (x.kind === 'text') {
    const node = c.terms.add({ kind: 'logProb', distribution: d.term }, 'score', call.e.span);
    return observed(LOG_WEIGHT, { kind: 'at', node, text: x.name });
  }
  const message = `\`${call.builtin.name}\` takes a text bound by \`forall\`, but ${quote(at, 'this')} is ${describe(x)}`;
  return error(c, env, 'P200', at.span, message);
}
