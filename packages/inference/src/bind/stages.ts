import { expressionText, fail, operands, type ModelGraph, type Moment, type NodeId } from '@postulate/graph';
import type { BoundMoment, Factor, Target } from '../port/index.ts';
import { boundFunction, nodeFactor, temperingFactor, type Binding } from './functions.ts';

type Stage = Target['stages'][number];

const merge = (
  stages: readonly Stage[],
  factors: readonly Factor[],
  moments: readonly BoundMoment[],
): readonly Stage[] => {
  const last = stages.at(-1);
  if (!last || last.moments.length > 0) return [...stages, { factors, moments }];
  return [...stages.slice(0, -1), { factors: [...last.factors, ...factors], moments }];
};

function boundMoment(binding: Binding, moment: Moment): BoundMoment {
  const name = binding.graph.nodes[moment.of].label ?? expressionText(binding.graph, moment.of);
  const { relation, value, span } = moment;
  return { function: boundFunction(binding, moment.of, name), relation, value, span };
}

/** Refuses what would need the multipliers of an inner posterior as numbers. */
export function refuseInnerMoments(graph: ModelGraph, id: NodeId): void {
  const inner = (i: NodeId): boolean => {
    const node = graph.nodes[i];
    return (node.kind === 'posterior' && node.moments.length > 0) || operands(node).some(inner);
  };
  const nested = (i: NodeId): NodeId | undefined => {
    const node = graph.nodes[i];
    if ((node.kind === 'tempered' && inner(node.base)) || (node.kind === 'logProb' && inner(node.distribution)))
      return i;
    return operands(node)
      .map(nested)
      .find((x) => x !== undefined);
  };
  const found = nested(id);
  if (found === undefined) return;
  throw fail('P600', `${expressionText(graph, found)} needs the density of a posterior that has moments to meet`, {
    span: graph.nodes[found].span,
    help: 'impose the moments last: take the power or the product first, then "subject to"',
  });
}

/** The factors of a distribution over its prior, stage by stage; all of them raised to `power`. */
export function stagesOf(binding: Binding, id: NodeId, power = 1): readonly Stage[] {
  const node = binding.graph.nodes[id];
  switch (node.kind) {
    case 'prior':
    case 'mixture':
      return [{ factors: power === 1 ? [] : [temperingFactor(binding, power)], moments: [] }];
    case 'tempered':
      return stagesOf(binding, node.base, power * node.exponent);
    case 'posterior':
      return merge(
        stagesOf(binding, node.base, power),
        node.factors.map((f) => nodeFactor(binding, f, power)),
        node.moments.map((m) => boundMoment(binding, m)),
      );
    default:
      throw new TypeError(`node ${id} (${node.kind}) is not a distribution`);
  }
}
