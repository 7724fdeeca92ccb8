import type { LanguageModel } from '@postulate/models';
import type { Moment, NodeId } from '@postulate/graph';
import {
  constantMachine,
  isMachine,
  mapMachines,
  sumMachines,
  type MachineBudget,
  type MachineResult,
  type Term,
} from '../machine/index.ts';
import type { NoMachine, PriorPower } from '../port/index.ts';
import { modelMachine } from './model-machine.ts';
import { tiltOf } from './multipliers.ts';
import type { Program } from './program.ts';

/** What the terms of a density are made of. */
export interface DensityParts {
  readonly program: Program;
  readonly value: (id: NodeId) => MachineResult;
  readonly log: (id: NodeId) => MachineResult;
  readonly budget: MachineBudget;
  /** A model whose log density is counted instead of being made a machine. */
  readonly prior?: LanguageModel;
}

/** power · log prior(x) + Σ coefficient · machine(x). */
export interface DensityTerms {
  readonly power: number;
  readonly terms: readonly Term[];
}

const NOTHING: DensityTerms = { power: 0, terms: [] };

function one(machine: MachineResult): DensityTerms | NoMachine {
  return isMachine(machine) ? { power: 0, terms: [{ machine, coefficient: 1 }] } : machine;
}

export function addTerms(all: readonly (DensityTerms | NoMachine)[]): DensityTerms | NoMachine {
  let power = 0;
  const terms: Term[] = [];
  for (const t of all) {
    if ('reason' in t) return t;
    power += t.power;
    terms.push(...t.terms);
  }
  return { power, terms };
}

export function scaleTerms(t: DensityTerms | NoMachine, by: number): DensityTerms | NoMachine {
  if ('reason' in t) return t;
  return { power: by * t.power, terms: t.terms.map((x) => ({ ...x, coefficient: by * x.coefficient })) };
}

/** log of what one fitted moment contributes. */
function momentTerms(moment: Moment, lambda: number, { value, budget }: DensityParts): DensityTerms | NoMachine {
  if (lambda === 0) return NOTHING;
  const machine = value(moment.of);
  if (!isMachine(machine)) return machine;
  if (Number.isFinite(lambda)) return scaleTerms(one(machine), lambda);
  const tilt = tiltOf(lambda);
  return one(mapMachines([machine], ([v]) => tilt(v), budget));
}

/** The unnormalised log density of a distribution; a reason where some part of it has no automaton. */
export function densityTerms(id: NodeId, parts: DensityParts): DensityTerms | NoMachine {
  const { program, prior } = parts;
  const node = program.graph.nodes[id];
  if (node.kind === 'tempered') return scaleTerms(densityTerms(node.base, parts), node.exponent);
  if (node.kind !== 'posterior') {
    const { model, renumber } = program.models.get(id)!;
    if (prior?.table !== undefined && model.table === prior.table) return { power: 1, terms: [] };
    return one(modelMachine(model, 1, renumber));
  }
  const lambda = program.multipliers.get(id) ?? [];
  return addTerms([
    densityTerms(node.base, parts),
    ...node.factors.map((f) => one(parts.log(f))),
    ...node.moments.map((m, i) => momentTerms(m, lambda[i], parts)),
  ]);
}

/** The terms as one machine, with a constant added, beside the power of the prior. */
export function joinTerms(
  t: DensityTerms | NoMachine,
  constant: number,
  vocabularySize: number,
  budget: MachineBudget,
): PriorPower | NoMachine {
  if ('reason' in t) return t;
  const terms = t.terms.filter((x) => x.coefficient !== 0);
  const single = terms.length === 1 && terms[0].coefficient === 1 && constant === 0;
  const machine = single
    ? terms[0].machine
    : terms.length === 0
      ? constantMachine(vocabularySize, constant)
      : sumMachines(terms, constant, budget);
  return isMachine(machine) ? { power: t.power, machine } : machine;
}
