import { mixtureWeights } from '../registry/validate.ts';
import { all, type BuiltinCall, distributionArgument, one } from './call.ts';
import { error } from './checker.ts';
import { constantArgument } from './constants.ts';
import { logProb } from './distributions.ts';
import { sameTexts } from './shapes.ts';
import { quote } from './show.ts';
import { ERROR, type DistributionValue, type TextShape, type Value } from './values.ts';

export function inferLogProb(call: BuiltinCall): Value {
  const d = distributionArgument(call, one(call, 'distribution'));
  return d ? logProb(call.c, d, call.e.span) : ERROR;
}

function components(call: BuiltinCall): readonly DistributionValue[] | undefined {
  const { c, env } = call;
  const found = all(call, 'components').map((a): DistributionValue | undefined => {
    const d = distributionArgument(call, a);
    if (!d || d.normalised) return d;
    const message = `\`mixture\` combines priors, but ${quote(a.value, 'this')} is a posterior`;
    error(c, env, 'P200', a.value.span, message, { help: 'reweight the mixture instead: `mixture(…) * s`' });
    return undefined;
  });
  const known = found.filter((d) => d !== undefined);
  return known.length === found.length ? known : undefined;
}

/** Weights normalised by their sum. */
function weightsOf(call: BuiltinCall, count: number): readonly number[] | undefined {
  const { c, env, builtin } = call;
  const at = one(call, 'weights').value;
  const parameter = builtin.parameters.find((p) => p.name === 'weights');
  const value = parameter && constantArgument(c, env, builtin.name, parameter, at);
  if (value?.kind !== 'list') return undefined;
  const problems = mixtureWeights(count, { value, span: at.span });
  for (const p of problems) error(c, env, p.code, p.span, p.message, p.help === undefined ? {} : { help: p.help });
  if (problems.length > 0) return undefined;
  const raw = value.items.map((i) => (i.value.kind === 'number' ? i.value.value : 0));
  const total = raw.reduce((a, b) => a + b, 0);
  return raw.map((w) => w / total);
}

export function inferMixture(call: BuiltinCall): Value {
  const { c, env, e } = call;
  const parts = components(call);
  const weights = weightsOf(call, all(call, 'components').length);
  if (!parts || !weights) return ERROR;
  const shape = parts.map((d) => d.shape).reduce((a: TextShape, b) => sameTexts(c, env, a, b, e.span));
  const term = c.terms.add({ kind: 'mixture', components: parts.map((d) => d.term), weights }, 'distribution', e.span);
  return { kind: 'distribution', term, shape, normalised: true, trivial: true };
}
