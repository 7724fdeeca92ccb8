import { leftmostPrior, nodeRange, type ModelGraph, type Moment, type NodeId, type NodeOf } from '@postulate/graph';
import type { LanguageModel, TextBatch, TextFunction } from '@postulate/models';
import { gatherFloats } from '../numeric/index.ts';
import type { Frame, Values } from './frame.ts';
import { logValues } from './log-score.ts';
import { all, andThen } from './maybe.ts';
import { tiltOf, type Multipliers } from './multipliers.ts';
import { scoreValues } from './score.ts';
import { originOf, renumber, subBatch } from './sub-batch.ts';

/** A prior or mixture of the graph, bound; `renumber` where its vocabulary lists the same tokens in another order. */
export interface BoundModel {
  readonly model: LanguageModel;
  readonly renumber: Int32Array | undefined;
}

/** A graph with its leaves bound for one posterior and one context. */
export interface Program {
  readonly graph: ModelGraph;
  readonly functions: ReadonlyMap<NodeId, TextFunction>;
  readonly models: ReadonlyMap<NodeId, BoundModel>;
  readonly multipliers: Multipliers;
  /**
   * The frame of a batch; the same batch has the same frame, so what functions share is evaluated once. Rows of a batch that
   * `subBatch` took have the values that the whole had by then: an extern or a reward model is not asked again.
   */
  frame(batch: TextBatch): Frame;
}

/**
 * Unnormalised log density of a distribution on a batch over the density of its prior: Σ log φ, and the prior to the power
 * t − 1 where it is tempered. `-Infinity` where the prior itself has no mass and enters.
 */
export function logRatio(program: Program, batch: TextBatch, id: NodeId): Values {
  const { graph } = program;
  const node = graph.nodes[id];
  const frame = program.frame(batch);
  switch (node.kind) {
    case 'prior':
    case 'mixture':
      return new Float64Array(batch.size);
    case 'tempered': {
      const prior = logDensity(program, frame, batch, leftmostPrior(graph, id));
      return all([logRatio(program, batch, node.base), prior], ([inner, p]) =>
        inner.map((x, i) => (p[i] === -Infinity ? -Infinity : node.exponent * x + (node.exponent - 1) * p[i])),
      );
    }
    case 'posterior':
      return all([logRatio(program, batch, node.base), ...ownFactors(program, frame, node, id)], sumLogs);
    default:
      throw new TypeError(`node ${id} (${node.kind}) is not a distribution`);
  }
}

/** Where nothing is fitted, only the support counts: certain moments are events, others leave it as it is. */
function certain(graph: ModelGraph, { of, relation, value }: Moment): number {
  if (graph.nodes[of].type !== 'event') return 0;
  if (value >= 1 && relation !== '<=') return Infinity;
  return value <= 0 && relation !== '>=' ? -Infinity : 0;
}

/** Logs of the factors and tilts that one posterior node adds to its base. */
function ownFactors(program: Program, frame: Frame, node: NodeOf<'posterior'>, id: NodeId): readonly Values[] {
  const lambda = program.multipliers.get(id) ?? [];
  const tilts = node.moments.map((m, i) =>
    andThen(frame.value(m.of), (v) => v.map(tiltOf(lambda[i] ?? certain(program.graph, m)))),
  );
  return [...node.factors.map((f) => frame.log(f)), ...tilts];
}

/** Sums of logs, one a text; a zero factor wins over everything. */
function sumLogs(parts: readonly Float64Array[]): Float64Array {
  return parts[0].map((_, i) =>
    parts.some((p) => p[i] === -Infinity) ? -Infinity : parts.reduce((sum, p) => sum + p[i], 0),
  );
}

/** Unnormalised log density of a distribution on a batch, exp(Σ λ f) of its fitted moments included. */
export function logDensity(program: Program, frame: Frame, batch: TextBatch, id: NodeId): Values {
  const node = program.graph.nodes[id];
  const recurse = (i: NodeId): Values => logDensity(program, frame, batch, i);
  switch (node.kind) {
    case 'prior':
    case 'mixture': {
      const { model, renumber: map } = program.models.get(id)!;
      return model.logProb(map ? renumber(batch, map) : batch);
    }
    case 'tempered':
      return andThen(recurse(node.base), (v) => v.map((x) => x * node.exponent));
    case 'posterior':
      return all([recurse(node.base), ...ownFactors(program, frame, node, id)], sumLogs);
    default:
      throw new TypeError(`node ${id} (${node.kind}) is not a distribution`);
  }
}

/** A value that a frame has already been asked for. */
type Known = Frame['known'];

/** A frame whose values come from `leaf`; `part` says how to narrow it. */
export function makeFrame(
  graph: ModelGraph,
  size: number,
  nonNegative: (id: NodeId) => boolean,
  leaf: (frame: Frame, id: NodeId) => Values,
  part: (rows: Int32Array, whole: Known) => Frame,
  inherited?: Known,
): Frame {
  const values = new Map<NodeId, Values>();
  const logs = new Map<NodeId, Values>();
  const keep = (memo: Map<NodeId, Values>, id: NodeId, make: () => Values): Values => {
    let found = memo.get(id);
    if (found === undefined) memo.set(id, (found = make()));
    return found;
  };
  const frame: Frame = {
    graph,
    size,
    nonNegative,
    value: (id) => keep(values, id, () => inherited?.(id) ?? scoreValues(frame, id)),
    log: (id) => keep(logs, id, () => logValues(frame, id)),
    leaf: (id) => leaf(frame, id),
    known: (id) => values.get(id),
    part: (rows) => part(rows, (id) => values.get(id)),
  };
  return frame;
}

/** The values of some rows, where the whole has them. */
function inheritedFrom(known: Known, rows: Int32Array): Known {
  return (id) => {
    const whole = known(id);
    return whole === undefined ? undefined : andThen(whole, (v) => gatherFloats(v, rows));
  };
}

/** A test of static non-negativity that remembers its answers. */
export function nonNegativeTest(graph: ModelGraph): (id: NodeId) => boolean {
  const known = new Map<NodeId, boolean>();
  return (id) => {
    let answer = known.get(id);
    if (answer === undefined) known.set(id, (answer = nodeRange(graph, id).lo >= 0));
    return answer;
  };
}

export function makeProgram(
  graph: ModelGraph,
  functions: ReadonlyMap<NodeId, TextFunction>,
  models: ReadonlyMap<NodeId, BoundModel>,
  multipliers: Multipliers,
): Program {
  const nonNegative = nonNegativeTest(graph);
  const frames = new WeakMap<TextBatch, Frame>();
  const build = (batch: TextBatch, inherited?: Known): Frame => {
    const leaf = (frame: Frame, id: NodeId): Values => {
      const node = graph.nodes[id];
      if (node.kind === 'logProb') return logDensity(program, frame, batch, node.distribution);
      return functions.get(id)!.values(batch);
    };
    const part = (rows: Int32Array, whole: Known): Frame => build(subBatch(batch, rows), inheritedFrom(whole, rows));
    return makeFrame(graph, batch.size, nonNegative, leaf, part, inherited);
  };
  const inheriting = (batch: TextBatch): Known | undefined => {
    const origin = originOf(batch);
    const whole = origin && frames.get(origin.whole);
    return whole && inheritedFrom((id) => whole.known(id), origin.rows);
  };
  const program: Program = {
    graph,
    functions,
    models,
    multipliers,
    frame(batch) {
      let frame = frames.get(batch);
      if (!frame) frames.set(batch, (frame = build(batch, inheriting(batch))));
      return frame;
    },
  };
  return program;
}
