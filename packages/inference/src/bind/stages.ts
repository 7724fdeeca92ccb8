import { expressionText, type Moment, type NodeId } from '@postulate/graph';
import type { BoundMoment, Factor, Target } from '../port/index.ts';
import { boundFunction, nodeFactor, type Binding } from './functions.ts';
import { fittedFactor, temperingFactor } from './power-factors.ts';

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

interface Raised {
  readonly power: number;
  /** Moments below a power are fitted by now: they are factors, the multipliers being numbers. */
  readonly fitted: boolean;
}

/** The factors of a distribution over its prior, stage by stage; those below a power raised to it. */
export function stagesOf(
  binding: Binding,
  id: NodeId,
  { power, fitted }: Raised = { power: 1, fitted: false },
): readonly Stage[] {
  const node = binding.graph.nodes[id];
  switch (node.kind) {
    case 'prior':
    case 'mixture':
      return [{ factors: power === 1 ? [] : [temperingFactor(binding, power)], moments: [] }];
    case 'tempered':
      return stagesOf(binding, node.base, { power: power * node.exponent, fitted: true });
    case 'posterior': {
      const inner = stagesOf(binding, node.base, { power, fitted });
      const factors = node.factors.map((f) => nodeFactor(binding, f, power));
      const moments = node.moments.map((m) => boundMoment(binding, m));
      if (!fitted) return merge(inner, factors, moments);
      const lambda = binding.program.multipliers.get(id) ?? [];
      const tilts = moments.flatMap((m, i) => fittedFactor(binding, node.moments[i].of, m, power * lambda[i]));
      return merge(inner, [...factors, ...tilts], []);
    }
    default:
      throw new TypeError(`node ${id} (${node.kind}) is not a distribution`);
  }
}
