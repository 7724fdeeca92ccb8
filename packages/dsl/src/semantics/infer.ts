import { point, UNIT } from '@postulate/graph';
import { builtinNamed } from '../registry/index.ts';
import type { Expr, ExprOf } from '../syntax/ast.ts';
import { type Binary, inferArithmetic, inferNegate } from './arithmetic.ts';
import { callBuiltin } from './builtin-calls.ts';
import { type Checker, type Env, error } from './checker.ts';
import { inferList, inferRecord } from './constants.ts';
import { inferGiven } from './distributions.ts';
import { isFunction } from './entities.ts';
import { callFunction } from './functions.ts';
import { inferBareBuiltin } from './leaves.ts';
import { inferComparison, inferIf, inferImplies, inferJunction, inferNot } from './logic.ts';
import { withMoments } from './moments.ts';
import { quote, strip } from './show.ts';
import { describe, ERROR, type Value } from './values.ts';

/** What a name stands for; unknown names have been reported when names were resolved. */
function lookup(name: string, env: Env): Value {
  const local = env.locals.get(name);
  if (local) return local;
  const { scope } = env.module;
  if (scope.has(name)) {
    const entity = scope.get(name);
    if (!entity) return ERROR;
    return entity.value ?? (isFunction(entity) ? { kind: 'function', entity } : ERROR);
  }
  const builtin = builtinNamed(name);
  return builtin ? { kind: 'builtin', builtin } : ERROR;
}

function inferName(c: Checker, env: Env, e: ExprOf<'name'>): Value {
  const v = lookup(e.name, env);
  if (v.kind === 'function') {
    return error(c, env, 'P200', e.span, `\`${e.name}\` is a function: call it with its arguments`);
  }
  if (v.kind !== 'builtin') return v;
  if (v.builtin.form === 'value') return inferBareBuiltin(c, v.builtin, e.span);
  const names = v.builtin.parameters.map((p) => p.name).join(', ');
  return error(c, env, 'P200', e.span, `\`${e.name}\` is a function: call it as \`${e.name}(${names})\``);
}

/** `reward(x)`: a score or event at a text. */
function apply(c: Checker, env: Env, f: Value, e: ExprOf<'call'>): Value {
  if (f.kind === 'error') return ERROR;
  const values = e.args.map((a) => c.infer(a.value, env));
  if (values.some((v) => v.kind === 'error')) return ERROR;
  const name = quote(e.callee, 'this');
  const [first] = values;
  const text = values.length === 1 && !e.args[0].name && first.kind === 'text' ? first.name : undefined;
  if (text !== undefined && (f.kind === 'score' || f.kind === 'event')) {
    const claim = { kind: 'at', node: f.term, text } as const;
    if (f.kind === 'score') return { kind: 'observed', of: 'number', range: f.range, claim };
    return { kind: 'observed', of: 'boolean', range: UNIT, claim };
  }
  const ofText = f.kind === 'score' || f.kind === 'event';
  const help = ofText ? 'it can be applied to a text that `forall` binds' : undefined;
  const message = `${name} is ${describe(f)}, not a function`;
  return error(c, env, 'P206', e.callee.span, message, help === undefined ? {} : { help });
}

function bareBuiltinCalled(c: Checker, env: Env, e: ExprOf<'call'>, name: string): Value {
  const title = `write \`${name}\``;
  const fix = { title, edits: [{ span: { ...e.span, start: e.callee.span.end }, newText: '' }] };
  return error(c, env, 'P206', e.span, `\`${name}\` is a value, not a function`, { help: title, fix });
}

function inferCall(c: Checker, env: Env, e: ExprOf<'call'>): Value {
  const callee = strip(e.callee);
  if (callee.kind !== 'name') return apply(c, env, c.infer(callee, env), e);
  const f = lookup(callee.name, env);
  if (f.kind === 'function') return callFunction(c, env, f.entity, e);
  if (f.kind !== 'builtin') return apply(c, env, f, e);
  if (f.builtin.form === 'function') return callBuiltin(c, env, f.builtin, e);
  if (e.args.length === 0) return bareBuiltinCalled(c, env, e, callee.name);
  return apply(c, env, inferBareBuiltin(c, f.builtin, callee.span), e);
}

const isJunction = (e: Expr): e is Binary & { op: 'and' | 'or' } =>
  e.kind === 'binary' && (e.op === 'and' || e.op === 'or');

/** Long chains lean to the left, so they are walked in a loop. */
function inferBinary(c: Checker, env: Env, e: Binary): Value {
  if (e.op === 'implies') return inferImplies(c, env, e);
  if (isJunction(e)) {
    const operands: Expr[] = [e.right];
    let rest = e.left;
    for (; isJunction(rest) && rest.op === e.op; rest = rest.left) operands.push(rest.right);
    return inferJunction(c, env, e.op, [rest, ...operands.reverse()], e);
  }
  const spine: Binary[] = [e];
  let left = e.left;
  for (; left.kind === 'binary' && !isJunction(left) && left.op !== 'implies'; left = left.left) spine.push(left);
  let value = c.infer(left, env);
  for (const node of spine.reverse()) value = inferArithmetic(c, env, node, value, c.infer(node.right, env));
  return value;
}

/** The type, range and term of an expression; what is wrong with it is reported once and becomes the error value. */
export function inferExpr(c: Checker, e: Expr, env: Env): Value {
  if (env.calls.length > 0) c.budget.steps--;
  switch (e.kind) {
    case 'number':
      return { kind: 'number', value: e.value, range: point(e.value) };
    case 'string':
    case 'boolean':
      return e.kind === 'string' ? { kind: 'string', value: e.value } : { kind: 'boolean', value: e.value };
    case 'name':
      return inferName(c, env, e);
    case 'call':
      return inferCall(c, env, e);
    case 'list':
      return inferList(c, env, e);
    case 'record':
      return inferRecord(c, env, e);
    case 'negate':
      return inferNegate(c, env, e);
    case 'not':
      return inferNot(c, env, e);
    case 'binary':
      return inferBinary(c, env, e);
    case 'comparison':
      return inferComparison(c, env, e);
    case 'if':
      return inferIf(c, env, e);
    case 'given':
      return inferGiven(c, env, e);
    case 'subjectTo':
      return withMoments(c, env, e, c.infer(e.base, env));
    case 'group':
      return c.infer(e.inner, env);
    case 'missing':
      return ERROR;
    default:
      return e satisfies never;
  }
}
