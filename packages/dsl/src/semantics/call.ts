import type { Builtin } from '../registry/types.ts';
import type { CallArgument, ExprOf } from '../syntax/ast.ts';
import type { Matched } from './arguments.ts';
import { type Checker, type Env, error } from './checker.ts';
import { quote } from './show.ts';
import { describe, type DistributionValue } from './values.ts';

/** One call of a builtin, its required arguments all there. */
export interface BuiltinCall {
  readonly c: Checker;
  readonly env: Env;
  readonly builtin: Builtin;
  readonly matched: Matched;
  readonly e: ExprOf<'call'>;
}

/** Every argument of a parameter. */
export const all = (call: BuiltinCall, name: string): readonly CallArgument[] => call.matched.get(name) ?? [];

/** The argument of a required parameter. */
export const one = (call: BuiltinCall, name: string): CallArgument => all(call, name)[0];

export function distributionArgument(call: BuiltinCall, a: CallArgument): DistributionValue | undefined {
  const v = call.c.infer(a.value, call.env);
  if (v.kind === 'distribution') return v;
  if (v.kind === 'error') return undefined;
  const message = `\`${call.builtin.name}\` takes a distribution, but ${quote(a.value, 'this')} is ${describe(v)}`;
  error(call.c, call.env, 'P200', a.value.span, message);
  return undefined;
}
