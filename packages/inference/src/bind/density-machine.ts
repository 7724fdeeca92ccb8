import type { ModelGraph, Moment, NodeId } from '@postulate/graph';
import {
  isMachine,
  mapMachines,
  sumMachines,
  type MachineBudget,
  type MachineResult,
  type Term,
} from '../machine/index.ts';
import { modelMachine } from './model-machine.ts';
import { tiltOf } from './multipliers.ts';
import type { Program } from './program.ts';

/** What the machine of a density is made of. */
interface Parts {
  readonly value: (id: NodeId) => MachineResult;
  readonly log: (id: NodeId) => MachineResult;
  readonly budget: MachineBudget;
}

type Terms = readonly Term[] | Exclude<MachineResult, { readonly next: unknown }>;

/** Terms whose sum is log of what one fitted moment contributes. */
function momentTerms(moment: Moment, lambda: number, { value, budget }: Parts): Terms {
  if (lambda === 0) return [];
  const machine = value(moment.of);
  if (!isMachine(machine)) return machine;
  if (Number.isFinite(lambda)) return [{ machine, coefficient: lambda }];
  const tilt = tiltOf(lambda);
  const certain = mapMachines([machine], ([v]) => tilt(v), budget);
  return isMachine(certain) ? [{ machine: certain, coefficient: 1 }] : certain;
}

function one(machine: MachineResult): Terms {
  return isMachine(machine) ? [{ machine, coefficient: 1 }] : machine;
}

function termsOf(graph: ModelGraph, program: Program, id: NodeId, parts: Parts): Terms {
  const node = graph.nodes[id];
  if (node.kind === 'tempered') {
    const base = termsOf(graph, program, node.base, parts);
    return 'reason' in base ? base : base.map((t) => ({ ...t, coefficient: t.coefficient * node.exponent }));
  }
  if (node.kind !== 'posterior') {
    const { model, renumber } = program.models.get(id)!;
    return one(modelMachine(model, 1, renumber));
  }
  const lambda = program.multipliers.get(id) ?? [];
  const all = [
    termsOf(graph, program, node.base, parts),
    ...node.factors.map((f) => one(parts.log(f))),
    ...node.moments.map((m, i) => momentTerms(m, lambda[i], parts)),
  ];
  const terms: Term[] = [];
  for (const t of all) {
    if ('reason' in t) return t;
    terms.push(...t);
  }
  return terms;
}

/** The unnormalised log density of a distribution as one machine; a reason where some part of it has none. */
export function densityMachine(program: Program, id: NodeId, parts: Parts): MachineResult {
  const terms = termsOf(program.graph, program, id, parts);
  if ('reason' in terms) return terms;
  return terms.length === 1 && terms[0].coefficient === 1 ? terms[0].machine : sumMachines(terms, 0, parts.budget);
}
