import type { Builtin } from '../registry/types.ts';
import type { ExprOf } from '../syntax/ast.ts';
import { matchArguments } from './arguments.ts';
import type { BuiltinCall } from './call.ts';
import { type Checker, type Env, error } from './checker.ts';
import { inferLogProb, inferMixture } from './distribution-calls.ts';
import { inferLeaf, missing } from './leaves.ts';
import { inferIndicator, inferOptimality, inferPointwise } from './pointwise.ts';
import {
  inferDensity,
  inferDivergence,
  inferExpectation,
  inferFunctional,
  inferProbability,
} from './property-calls.ts';
import { inferEnsemble, inferGaussian, inferSummary, inferUncertainReward } from './random-calls.ts';
import { ERROR, type Value } from './values.ts';

/** Builtins whose arguments are functions of the text, distributions or texts; all others take constants. */
const STRUCTURAL: Readonly<Record<string, (call: BuiltinCall) => Value>> = {
  mixture: inferMixture,
  log_prob: inferLogProb,
  indicator: inferIndicator,
  optimality: inferOptimality,
  ensemble: inferEnsemble,
  gaussian: inferGaussian,
  uncertain_reward: inferUncertainReward,
  mean: (call) => inferSummary(call, 'mean'),
  sd: (call) => inferSummary(call, 'sd'),
  lower: (call) => inferSummary(call, 'lower'),
  quantile: (call) => inferSummary(call, 'quantile'),
  E: inferExpectation,
  P: inferProbability,
  KL: inferDivergence,
  TV: inferDivergence,
  H: inferFunctional,
  log_Z: inferFunctional,
  log_density: inferDensity,
  ratio: inferDensity,
};

const structural: ReadonlyMap<string, (call: BuiltinCall) => Value> = new Map(Object.entries(STRUCTURAL));

function outsideProperty(c: Checker, env: Env, b: Builtin, e: ExprOf<'call'>): Value {
  const help =
    b.name === 'E' || b.name === 'P'
      ? 'to constrain a distribution write `d subject to { … }`'
      : 'put it into a `property "…": …` statement';
  return error(c, env, 'P107', e.callee.span, `\`${b.name}\` can only be used in a property`, { help });
}

/** A call of a builtin function. */
export function callBuiltin(c: Checker, env: Env, b: Builtin, e: ExprOf<'call'>): Value {
  if (b.propertyOnly && !env.inProperty) return outsideProperty(c, env, b, e);
  const matched = matchArguments(c, env, b.name, b.parameters, e);
  if (!matched) return ERROR;
  const handler = structural.get(b.name);
  if (!handler && !b.pointwise) return inferLeaf(c, env, b, matched, e);
  const absent = b.parameters.filter((p) => !p.optional && !matched.has(p.name));
  for (const p of absent) missing(c, env, b, p, e);
  if (absent.length > 0) return ERROR;
  const call: BuiltinCall = { c, env, builtin: b, matched, e };
  if (b.pointwise) return inferPointwise(call, b.pointwise);
  return handler ? handler(call) : ERROR;
}
