import {
  addRange,
  type Arguments,
  divideRange,
  isNonNegative,
  point,
  type Range,
  range,
  REALS,
  unionRange,
} from '@postulate/graph';
import { type Constant, toArgument } from '../registry/constants.ts';
import { all, type BuiltinCall, one } from './call.ts';
import { error } from './checker.ts';
import { constantArgument, defaultConstant } from './constants.ts';
import { score } from './lift.ts';
import { quote } from './show.ts';
import { describe, ERROR, liesIn, type ScoreValue, type Value, type ValueOf } from './values.ts';

export function inferEnsemble(call: BuiltinCall): Value {
  const { c, env, e } = call;
  const members = all(call, 'members').map((a) => score(c, env, c.infer(a.value, env), a.value, '`ensemble`'));
  const known = members.filter((m): m is ScoreValue => m !== undefined);
  if (known.length < members.length) return ERROR;
  const ranges = known.map((m) => m.range);
  const term = c.terms.add({ kind: 'ensemble', members: known.map((m) => m.term) }, 'random', e.span);
  const hull = ranges.reduce(unionRange);
  const mean = divideRange(ranges.reduce(addRange), point(known.length)) ?? hull;
  return { kind: 'random', term, range: hull, mean, exponential: false };
}

/** `uncertain_reward(source)`: an ensemble of the slices of the model's distribution. */
export function inferUncertainReward(call: BuiltinCall): Value {
  const { c, env, e, builtin } = call;
  const given = new Map<string, Constant>();
  for (const p of builtin.parameters) {
    const argument = all(call, p.name).at(0);
    const value = argument ? constantArgument(c, env, builtin.name, p, argument.value) : defaultConstant(p);
    if (argument && !value) return ERROR;
    if (value) given.set(p.name, value);
  }
  const atoms = given.get('atoms');
  const count = atoms?.kind === 'number' ? atoms.value : 1;
  const prompt = given.get('prompt');
  const members = Array.from({ length: count }, (_, i) => {
    const args: Arguments = {
      source: toArgument(given.get('source') as Constant),
      ...(prompt && { prompt: toArgument(prompt) }),
      slice: { kind: 'number', value: i },
      slices: { kind: 'number', value: count },
    };
    return c.terms.add({ kind: 'feature', name: 'reward_model', args }, 'score', e.span);
  });
  const term = c.terms.add({ kind: 'ensemble', members }, 'random', e.span);
  return { kind: 'random', term, range: REALS, mean: REALS, exponential: false };
}

export function inferGaussian(call: BuiltinCall): Value {
  const { c, env, e } = call;
  const [mean, sd] = ['mean', 'sd'].map((name) => {
    const { value } = one(call, name);
    return score(c, env, c.infer(value, env), value, `\`${name}\` of \`gaussian\``);
  });
  if (!mean || !sd) return ERROR;
  if (!isNonNegative(sd.range)) {
    const at = one(call, 'sd').value;
    const message = `a standard deviation is at least 0, but ${quote(at, 'this')} ${liesIn(sd.range)}`;
    return error(c, env, 'P205', at.span, message, { help: 'for example `exp(…)`, `abs(…)` or `max(…, 0)`' });
  }
  const term = c.terms.add({ kind: 'gaussian', mean: mean.term, sd: sd.term }, 'random', e.span);
  return { kind: 'random', term, range: REALS, mean: mean.range, exponential: false };
}

/** Range of mean − k·sd; the deviation is at most half the width of the range. */
function lowerRange(r: ValueOf<'random'>, k: number): Range {
  if (k === 0) return r.mean;
  return k > 0 ? { ...r.mean, lo: -Infinity, loOpen: true } : { ...r.mean, hi: Infinity, hiOpen: true };
}

function summaryRange(fn: 'mean' | 'sd' | 'lower' | 'quantile', r: ValueOf<'random'>, k: Range | undefined): Range {
  if (fn === 'mean') return r.mean;
  if (fn === 'quantile') return r.range;
  if (fn === 'lower') return k ? unionRange(lowerRange(r, k.lo), lowerRange(r, k.hi)) : r.mean;
  const width = (r.range.hi - r.range.lo) / 2;
  return range(0, Number.isNaN(width) ? Infinity : width);
}

/** `mean`, `sd`, `lower` and `quantile`: back from a random score to a score. */
export function inferSummary(call: BuiltinCall, fn: 'mean' | 'sd' | 'lower' | 'quantile'): Value {
  const { c, env, e, builtin } = call;
  const a = one(call, 'r');
  const of = c.infer(a.value, env);
  const p = builtin.parameters[1];
  const given: Constant | undefined = p && constantArgument(c, env, fn, p, one(call, p.name).value);
  if (of.kind === 'error' || (p && given?.kind !== 'number')) return ERROR;
  if (of.kind !== 'random') {
    const message = `\`${fn}\` takes a random score, but ${quote(a.value, 'this')} is ${describe(of)}`;
    const help = 'a random score comes from `ensemble(…)` or `gaussian(…)`; averages over texts are `E(s | d)`';
    return error(c, env, 'P200', a.value.span, message, { help });
  }
  const k = given?.kind === 'number' ? given : undefined;
  const parameter = k ? { parameter: k.value } : {};
  const term = c.terms.add({ kind: 'summary', fn, of: of.term, ...parameter }, 'score', e.span);
  return { kind: 'score', term, range: summaryRange(fn, of, k?.range) };
}
