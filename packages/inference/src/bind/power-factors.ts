import type { NodeId } from '@postulate/graph';
import { constantMachine, isMachine, mapMachines, type MachineResult } from '../machine/index.ts';
import type { BoundMoment, Factor } from '../port/index.ts';
import { makeFactor, type Binding } from './functions.ts';
import { linearForm, scaleLinear, termForm } from './linear.ts';
import { andThen } from './maybe.ts';
import { modelMachine } from './model-machine.ts';
import { tiltOf } from './multipliers.ts';

/** The factor exp(λ f) of a moment whose multiplier is known, none for λ = 0; an indicator for λ = ±∞. */
export function fittedFactor(binding: Binding, id: NodeId, moment: BoundMoment, lambda: number): readonly Factor[] {
  const { compiler } = binding;
  const { function: f } = moment;
  if (lambda === 0) return [];
  const certain = !Number.isFinite(lambda);
  const tilt = tiltOf(lambda);
  const machine = (): MachineResult => {
    if (!certain) return compiler.linear(scaleLinear(linearForm(binding.graph, id) ?? termForm('value', id), lambda));
    const own = compiler.value(id);
    return isMachine(own) ? mapMachines([own], ([v]) => tilt(v), compiler.budget) : own;
  };
  return [
    makeFactor(binding, {
      label: certain
        ? `indicator(${lambda > 0 ? '' : 'not '}${f.name})`
        : `exp(${Number(lambda.toPrecision(6))} * ${f.name})`,
      node: undefined,
      boolean: certain,
      rangeBound: () => Math.max(lambda * f.range.lo, lambda * f.range.hi),
      logWeights: (batch) => andThen(f.values(batch), (v) => v.map(tilt)),
      machine,
    }),
  ];
}

/** The factor prior(x)^(t − 1) that makes the prior raised to the power t of the prior itself. */
export function temperingFactor(binding: Binding, exponent: number): Factor {
  const { prior } = binding;
  const by = exponent - 1;
  return makeFactor(binding, {
    label: `prior^${by}`,
    node: undefined,
    boolean: false,
    rangeBound: () => (by >= 0 ? 0 : Infinity),
    // A text without mass keeps none, whatever the exponent.
    logWeights: (batch) => andThen(prior.logProb(batch), (v) => v.map((x) => (x === -Infinity ? x : by * x))),
    machine: () => modelMachine(prior, by),
    densities: () => ({ parts: [{ power: by, open: (size) => prior.open(size) }], whole: true }),
    ...(prior.table === undefined
      ? {}
      : { ofPrior: () => ({ power: by, machine: constantMachine(prior.vocabulary.size, 0) }) }),
  });
}
