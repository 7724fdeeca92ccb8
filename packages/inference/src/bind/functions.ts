import {
  expressionText,
  nodeRange,
  type Capability,
  type ModelGraph,
  type NodeId,
  type PriorFacts,
} from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';
import { isMachine, type MachineResult } from '../machine/index.ts';
import type { BoundFunction, Factor } from '../port/index.ts';
import { machineUpperBound } from './bound.ts';
import { checkValues, type Subject } from './check-values.ts';
import type { Compiler } from './compile-machine.ts';
import { densityParts } from './density-parts.ts';
import { exponentialParts, logLinearForm, scaleLinear } from './linear.ts';
import { andThen } from './maybe.ts';
import { modelMachine } from './model-machine.ts';
import { nonNegativeTest, type Program } from './program.ts';

/** All that functions and factors of one target share. */
export interface Binding {
  readonly graph: ModelGraph;
  readonly program: Program;
  readonly compiler: Compiler;
  readonly prior: LanguageModel;
  readonly facts: PriorFacts;
}

/** Calls `make` on first use and keeps the answer. */
export function lazily<T>(make: () => T): () => T {
  let kept: { readonly value: T } | undefined;
  return () => (kept ??= { value: make() }).value;
}

export function boundFunction(binding: Binding, id: NodeId, name: string): BoundFunction {
  const { graph, program, compiler } = binding;
  const node = graph.nodes[id];
  const kind = node.type === 'event' ? 'event' : 'score';
  const subject: Subject = { what: kind, label: name, span: node.span };
  return {
    name,
    kind,
    range: nodeRange(graph, id, binding.facts),
    values: (batch) => andThen(program.frame(batch).value(id), (v) => checkValues(subject, batch, v)),
    machine: () => compiler.value(id),
  };
}

/** Indicators, and products of them. */
function isBoolean(graph: ModelGraph, id: NodeId): boolean {
  const node = graph.nodes[id];
  if (node.kind === 'indicator') return true;
  if (node.kind === 'number') return node.value === 0 || node.value === 1;
  return (
    node.kind === 'arithmetic' && node.op === 'multiply' && isBoolean(graph, node.left) && isBoolean(graph, node.right)
  );
}

/** log of the upper end of the refined range, taken in logs for exponentials so that it does not overflow. */
function logRangeBound(binding: Binding, id: NodeId): number {
  const node = binding.graph.nodes[id];
  if (node.kind === 'apply' && node.fn === 'exp') return nodeRange(binding.graph, node.args[0], binding.facts).hi;
  if (node.kind === 'arithmetic' && node.op === 'multiply') {
    const [a, b] = [logRangeBound(binding, node.left), logRangeBound(binding, node.right)];
    return a === -Infinity || b === -Infinity ? -Infinity : a + b;
  }
  const { hi } = nodeRange(binding.graph, id, binding.facts);
  return hi <= 0 ? -Infinity : Math.log(hi);
}

function capabilities(
  machine: MachineResult,
  hasParts: boolean,
  boolean: boolean,
  bound: number,
): ReadonlySet<Capability> {
  const found = new Set<Capability>(['completeScore']);
  if (boolean) found.add('boolean');
  if (bound < Infinity) found.add('upperBound');
  const has = isMachine(machine);
  if (has) found.add(machine.output === undefined ? 'regular' : 'additive');
  else if (hasParts) found.add('additive');
  if (has && machine.output === undefined) found.add('prefixScore');
  return found;
}

/** Slack on proved bounds for the rounding of doubles, relative to their size. */
const withSlack = (bound: number): number => (Number.isFinite(bound) ? bound + 1e-12 * (1 + Math.abs(bound)) : bound);

interface Shape {
  readonly label: string;
  readonly node: NodeId | undefined;
  readonly boolean: boolean;
  readonly rangeBound: () => number;
  readonly logWeights: Factor['logWeights'];
  readonly machine: () => MachineResult;
  readonly parts?: Factor['parts'];
  readonly densities?: () => Factor['densities'];
}

/** A factor whose machine, proved bound and capabilities are worked out when they are first asked for. */
export function makeFactor(binding: Pick<Binding, 'graph' | 'prior'>, shape: Shape): Factor {
  const span = shape.node === undefined ? undefined : binding.graph.nodes[shape.node].span;
  const machine = lazily(shape.machine);
  const densities = lazily(() => shape.densities?.());
  const bound = lazily(() => {
    const fromRange = shape.boolean ? 0 : shape.rangeBound();
    const m = machine();
    if (!isMachine(m)) return withSlack(fromRange);
    const tight = withSlack(machineUpperBound(m, binding.prior));
    return shape.boolean && tight > 0 ? 0 : Math.min(tight, withSlack(fromRange));
  });
  const able = lazily(() => capabilities(machine(), shape.parts !== undefined, shape.boolean, bound()));
  return {
    label: shape.label,
    node: shape.node,
    span,
    get capabilities() {
      return able();
    },
    get logUpperBound() {
      return bound();
    },
    logWeights: (batch) =>
      andThen(shape.logWeights(batch), (v) => checkValues({ what: 'factor', label: shape.label, span }, batch, v)),
    machine,
    ...(shape.parts === undefined ? {} : { parts: shape.parts }),
    get densities() {
      return densities();
    },
  };
}

/** The factor φ^power of a posterior; power > 0. */
export function nodeFactor(binding: Binding, id: NodeId, power = 1): Factor {
  const { graph, program, compiler } = binding;
  const label = graph.nodes[id].label ?? expressionText(graph, id);
  const parts = power === 1 ? exponentialParts(graph, id) : undefined;
  const boolean = isBoolean(graph, id);
  const scaled = (machine: MachineResult): MachineResult =>
    power === 1 || boolean || !isMachine(machine) ? machine : scaleMachine(machine, power);
  return makeFactor(binding, {
    label: power === 1 ? label : `(${label})^${power}`,
    node: id,
    boolean,
    rangeBound: () => power * logRangeBound(binding, id),
    logWeights: (batch) => andThen(program.frame(batch).log(id), (v) => (power === 1 ? v : v.map((x) => power * x))),
    machine: () => scaled(compiler.log(id)),
    densities: () => densityParts(graph, program, scaleLinear(logLinearForm(graph, id, nonNegativeTest(graph)), power)),
    ...(parts && parts.length > 1
      ? { parts: parts.map((p) => ({ weight: p.weight, machine: lazily(() => compiler.linear(p.exponent)) })) }
      : {}),
  });
}

function scaleMachine(machine: Extract<MachineResult, { next: unknown }>, by: number): MachineResult {
  return {
    ...machine,
    output: machine.output?.map((x) => by * x),
    finalEnd: machine.finalEnd.map((x) => by * x),
    finalStop: machine.finalStop.map((x) => by * x),
  };
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
  });
}
