import type { ExprOf } from '../syntax/ast.ts';
import { matchArguments } from './arguments.ts';
import { type Checker, type Env, error } from './checker.ts';
import type { Entity } from './entities.ts';
import { ERROR, type Value } from './values.ts';

/** Calls inside calls; far beyond what a reader could follow, well before the stack ends. */
const DEEPEST = 100;

/** Equal keys expand alike. Places inside lists and records do not matter. */
function keyOf(v: Value): string {
  if (v.kind === 'function') return `function ${v.entity.module.key} ${v.entity.name}`;
  if (v.kind === 'builtin') return `builtin ${v.builtin.name}`;
  return JSON.stringify(v, (key: string, x: unknown) => {
    if (key === 'span' || key === 'shape') return undefined;
    return typeof x === 'number' && !Number.isFinite(x) ? String(x) : x;
  });
}

function tooFar(c: Checker, env: Env, e: ExprOf<'call'>): Value {
  if (c.budget.spent) return ERROR;
  c.budget.spent = true;
  return error(c, env, 'P108', e.span, 'the functions of this file call each other too often to be expanded', {
    help: 'name intermediate values, so that they are computed once',
  });
}

function expand(c: Checker, env: Env, entity: Entity, args: ReadonlyMap<string, Value>, e: ExprOf<'call'>): Value {
  const { definition, module } = entity;
  if (definition.kind !== 'binding' || c.budget.spent) return ERROR;
  if (env.calls.length >= DEEPEST || c.budget.steps <= 0) return tooFar(c, env, e);
  const key = `${env.inProperty} ${[...args.values()].map(keyOf).join(' ')}`;
  const known = c.expanded.get(entity) ?? new Map<string, Value>();
  c.expanded.set(entity, known);
  const seen = known.get(key);
  if (seen) return seen;
  const draws = c.terms.draws();
  const calls = [...env.calls, { entity, span: e.span }];
  const value = c.infer(definition.value, {
    module,
    locals: args,
    inProperty: env.inProperty,
    insideExp: false,
    calls,
  });
  // A body that draws makes a new draw at every call.
  if (c.terms.draws() === draws) known.set(key, value);
  return value;
}

/** A call of a function of the file: its body, checked with the types and ranges of these arguments. */
export function callFunction(c: Checker, env: Env, entity: Entity, e: ExprOf<'call'>): Value {
  const { definition } = entity;
  if (definition.kind !== 'binding' || !definition.parameters) return ERROR;
  const matched = matchArguments(c, env, entity.name, definition.parameters, e);
  const args = new Map<string, Value>();
  let good = matched !== undefined;
  const absent: string[] = [];
  for (const p of definition.parameters) {
    const argument = matched?.get(p.name)?.[0];
    if (!argument) absent.push(p.name);
    const value = argument ? c.infer(argument.value, env) : ERROR;
    if (value.kind === 'error') good = false;
    args.set(p.name, value);
  }
  if (matched && absent.length > 0) {
    const names = definition.parameters.map((p) => p.name).join(', ');
    const message = `\`${entity.name}(${names})\` needs ${absent.map((n) => `\`${n}\``).join(' and ')}`;
    error(c, env, 'P201', e.span, message);
  }
  return good ? expand(c, env, entity, args, e) : ERROR;
}
