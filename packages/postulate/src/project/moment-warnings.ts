import {
  expressionText,
  formatRange,
  leftmostPrior,
  rangesOf,
  type Diagnostic,
  type ModelGraph,
  type Moment,
  type Range,
} from '@postulate/graph';
import { writtenFacts } from './written-facts.ts';

/** No value of the range can be the mean asked for, nor on the right side of it. */
function outOfReach({ relation, value }: Moment, { lo, hi, loOpen, hiOpen }: Range): boolean {
  const tooLow = value < lo || (value === lo && loOpen);
  const tooHigh = value > hi || (value === hi && hiOpen);
  return (relation !== '>=' && tooLow) || (relation !== '<=' && tooHigh);
}

/**
 * Warnings P405 for moments that no distribution over the prior's texts can have, by ranges alone. Running the posterior
 * says the same as an error, and finds those that only the prior itself puts out of reach.
 */
export function momentWarnings(graph: ModelGraph): readonly Diagnostic[] {
  return graph.nodes.flatMap((node) => {
    if (node.kind !== 'posterior' || node.moments.length === 0) return [];
    const range = rangesOf(graph, writtenFacts(graph, leftmostPrior(graph, node.base)));
    return node.moments.flatMap((m): readonly Diagnostic[] => {
      const reach = range(m.of);
      if (!outOfReach(m, reach)) return [];
      const { label = expressionText(graph, m.of), type } = graph.nodes[m.of];
      const moment = `${type === 'event' ? 'P' : 'E'}(${label}) ${m.relation} ${m.value}`;
      const message = `${moment} is out of reach: the values lie in ${formatRange(reach)}`;
      return [{ code: 'P405', severity: 'warning', message, span: m.span }];
    });
  });
}
