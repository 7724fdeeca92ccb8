import { expressionText, operands, type NodeId } from '@postulate/graph';
import type { LanguageModel, TokenMachine } from '@postulate/models';
import {
  andMachines,
  constantMachine,
  DEFAULT_MAX_STATES,
  isMachine,
  mapMachines,
  noMachine,
  notMachine,
  orMachines,
  type MachineBudget,
  type MachineResult,
  type Term,
} from '../machine/index.ts';
import type { NoMachine, PriorPower } from '../port/index.ts';
import {
  addTerms,
  densityTerms,
  joinTerms,
  scaleTerms,
  type DensityParts,
  type DensityTerms,
} from './density-terms.ts';
import { linearForm, logLinearForm, type Linear, type LinearTerm } from './linear.ts';
import { makeFrame, nonNegativeTest, type Program } from './program.ts';

/** Machines of the scores, events and log factors of a program; each is built at most once. */
export interface Compiler {
  value(id: NodeId): MachineResult;
  log(id: NodeId): MachineResult;
  linear(form: Linear): MachineResult;
  /** A linear form with log `prior` kept apart from the rest. */
  ofPrior(form: Linear, prior: LanguageModel): PriorPower | NoMachine;
  readonly budget: MachineBudget;
}

/** Evaluates a node from the values of some of its parts. */
function scalar(
  program: Program,
  nonNegative: (id: NodeId) => boolean,
  id: NodeId,
  units: readonly NodeId[],
  log: boolean,
): (values: readonly number[]) => number {
  const index = new Map(units.map((u, i) => [u, i] as const));
  return (values) => {
    const build = (): ReturnType<typeof makeFrame> =>
      makeFrame(
        program.graph,
        1,
        nonNegative,
        () => Float64Array.of(NaN),
        build,
        (i) => (index.has(i) ? Float64Array.of(values[index.get(i)!]) : undefined),
      );
    const frame = build();
    return ((log ? frame.log(id) : frame.value(id)) as Float64Array)[0];
  };
}

const LEAVES = new Set(['feature', 'test', 'externScore', 'externEvent', 'logProb']);

/** The parts that a node is a function of: leaves, and whole events, whose machines are small. */
function unitsOf(program: Program, id: NodeId): readonly NodeId[] {
  const units = new Set<NodeId>();
  const seen = new Set<NodeId>();
  const visit = (i: NodeId): void => {
    if (seen.has(i)) return;
    seen.add(i);
    const node = program.graph.nodes[i];
    if (LEAVES.has(node.kind) || (node.type === 'event' && i !== id && node.kind !== 'boolean')) units.add(i);
    else operands(node).forEach(visit);
  };
  visit(id);
  return [...units];
}

export function makeCompiler(program: Program, vocabularySize: number, maxTokens: number): Compiler {
  const { graph } = program;
  const budget: MachineBudget = { maxStates: DEFAULT_MAX_STATES, maxTokens };
  const nonNegative = nonNegativeTest(graph);
  const known = new Map<string, MachineResult>();
  const once = (key: string, make: () => MachineResult): MachineResult => {
    const found = known.get(key) ?? make();
    known.set(key, found);
    return found;
  };
  const several = (ids: readonly NodeId[], f: (machines: readonly TokenMachine[]) => MachineResult): MachineResult => {
    const machines: TokenMachine[] = [];
    for (const id of ids) {
      const m = value(id);
      if (!isMachine(m)) return m;
      machines.push(m);
    }
    return f(machines);
  };

  const mapped = (id: NodeId, log: boolean): MachineResult => {
    const units = unitsOf(program, id);
    const f = scalar(program, nonNegative, id, units, log);
    if (units.length > 0) return several(units, (machines) => mapMachines(machines, f, budget));
    const x = f([]);
    return Number.isNaN(x) || x === Infinity ? noMachine('it is not a number') : constantMachine(vocabularySize, x);
  };

  const leaf = (id: NodeId): MachineResult => {
    const node = graph.nodes[id];
    if (node.kind === 'logProb') {
      const density = joinTerms(densityTerms(node.distribution, parts), 0, vocabularySize, budget);
      return 'reason' in density ? density : density.machine;
    }
    const name = node.label ?? expressionText(graph, id);
    return program.functions.get(id)?.machine() ?? noMachine(`${name} is neither regular nor additive`);
  };

  const atom = (id: NodeId): MachineResult => {
    const node = graph.nodes[id];
    if (LEAVES.has(node.kind)) return leaf(id);
    switch (node.kind) {
      case 'boolean':
        return constantMachine(vocabularySize, node.value ? 1 : 0);
      case 'indicator':
        return value(node.event);
      case 'not':
        return several([node.of], ([m]) => notMachine(m, budget));
      case 'and':
        return several(node.of, (ms) => andMachines(ms, budget));
      case 'or':
        return several(node.of, (ms) => orMachines(ms, budget));
      default:
        return mapped(id, false);
    }
  };

  const logAtom = (id: NodeId): MachineResult => {
    const node = graph.nodes[id];
    if (node.kind !== 'indicator') return mapped(id, true);
    return several([node.event], (ms) => mapMachines(ms, ([e]) => (e === 0 ? -Infinity : 0), budget));
  };

  const term = ({ kind, id }: LinearTerm): MachineResult =>
    once(`${kind}:${id}`, () => (kind === 'value' ? atom(id) : logAtom(id)));
  const linear = (form: Linear): MachineResult => {
    const terms: Term[] = [];
    for (const t of form.terms) {
      if (t.coefficient === 0) continue;
      const machine = term(t);
      if (!isMachine(machine)) return machine;
      terms.push({ machine, coefficient: t.coefficient });
    }
    const joined = joinTerms({ power: 0, terms }, form.constant, vocabularySize, budget);
    return 'reason' in joined ? joined : joined.machine;
  };
  const ofPrior = (form: Linear, prior: LanguageModel): PriorPower | NoMachine => {
    const all = form.terms.map((t): DensityTerms | NoMachine => {
      const node = graph.nodes[t.id];
      if (t.kind === 'value' && node.kind === 'logProb') {
        return scaleTerms(densityTerms(node.distribution, { ...parts, prior }), t.coefficient);
      }
      const machine = term(t);
      return isMachine(machine) ? { power: 0, terms: [{ machine, coefficient: t.coefficient }] } : machine;
    });
    return joinTerms(addTerms(all), form.constant, vocabularySize, budget);
  };

  const value = (id: NodeId): MachineResult =>
    once(`v${id}`, () => {
      const form = linearForm(graph, id);
      return form ? linear(form) : noMachine('a random score has no value of its own');
    });
  const log = (id: NodeId): MachineResult => once(`l${id}`, () => linear(logLinearForm(graph, id, nonNegative)));
  const parts: DensityParts = { program, value, log, budget };
  return { value, log, linear, ofPrior, budget };
}
