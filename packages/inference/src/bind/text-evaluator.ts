import { type GraphNode, type ModelGraph, nodeRange, type NodeId, type Range } from '@postulate/graph';
import type { LanguageModel, TextBatch } from '@postulate/models';
import type { NoMachine } from '../port/index.ts';
import type { TokenMachine } from '@postulate/models';
import { checkValues, type Subject } from './check-values.ts';
import type { Binding } from './functions.ts';
import { andThen, type Maybe } from './maybe.ts';
import { logDensity, logRatio } from './program.ts';

/** The nodes of a graph as functions of texts, bound over the texts of one prior. Values are one number a text. */
export interface TextEvaluator {
  readonly graph: ModelGraph;
  readonly context: Readonly<Record<string, string>>;
  /** The prior whose texts these are. */
  readonly prior: LanguageModel;
  /** Values of a score or event (0 or 1). Throws P700/P703 naming the text for NaN and `+inf`. */
  value(node: NodeId, batch: TextBatch): Maybe<Float64Array>;
  /** Logs of a non-negative score, nats. */
  logValue(node: NodeId, batch: TextBatch): Maybe<Float64Array>;
  /** Unnormalised log density of a distribution, nats. */
  logDensity(distribution: NodeId, batch: TextBatch): Maybe<Float64Array>;
  /** Log of the unnormalised density over the density of the distribution's prior, nats. */
  logRatio(distribution: NodeId, batch: TextBatch): Maybe<Float64Array>;
  /** Multipliers of a posterior's own moments; empty where it has none. */
  multipliers(distribution: NodeId): readonly number[];
  /** Range of a score, refined with what the prior allows. */
  range(node: NodeId): Range;
  /** The automaton of a score or event, built on first use. */
  machine(node: NodeId): TokenMachine | NoMachine;
}

export function textEvaluator(binding: Binding, context: Readonly<Record<string, string>>): TextEvaluator {
  const { graph, program, compiler, prior, facts } = binding;
  const subject = (id: NodeId): Subject => {
    const { label, type, span } = graph.nodes[id];
    return { what: type === 'event' ? 'event' : 'score', label: label ?? `node ${id}`, span };
  };
  return {
    graph,
    context,
    prior,
    value: (id, batch) =>
      andThen(program.frame(batch).value(id), (v) =>
        // Densities are -inf where there is no mass, which is no error of theirs.
        graph.nodes[id].kind === 'logProb' ? v : checkValues(subject(id), batch, v),
      ),
    logValue: (id, batch) => program.frame(batch).log(id),
    logDensity: (id, batch) => logDensity(program, program.frame(batch), batch, id),
    logRatio: (id, batch) => logRatio(program, batch, id),
    multipliers: (id) => program.multipliers.get(id) ?? [],
    range: (id) => nodeRange(graph, id, facts),
    machine: (id) => compiler.value(id),
  };
}

/** The graph with a `log_prob` of each distribution among `ids`, so that what their densities need is fitted. */
export function withDensities(
  graph: ModelGraph,
  ids: readonly NodeId[],
): { readonly graph: ModelGraph; readonly ids: readonly NodeId[] } {
  const nodes: GraphNode[] = [...graph.nodes];
  const scores = ids.map((id): NodeId => {
    if (graph.nodes[id].type !== 'distribution') return id;
    nodes.push({ kind: 'logProb', type: 'score', distribution: id });
    return nodes.length - 1;
  });
  return { graph: { ...graph, nodes }, ids: scores };
}
