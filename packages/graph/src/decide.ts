import { bottomUp } from './bottom-up.ts';
import type { ComparisonOperator, ModelGraph, NodeId } from './graph.ts';
import type { PriorFacts } from './features.ts';
import type { Range } from './range.ts';
import { rangesOf } from './transfer.ts';

/** Always true, always false, or not known. */
export type Decision = boolean | undefined;

const not = (d: Decision): Decision => (d === undefined ? undefined : !d);

/** a < b for all values; undefined where the ranges overlap. */
function less(a: Range, b: Range): Decision {
  if (a.hi < b.lo || (a.hi === b.lo && (a.hiOpen || b.loOpen))) return true;
  return a.lo >= b.hi ? false : undefined;
}

function equal(a: Range, b: Range): Decision {
  if (less(a, b) === true || less(b, a) === true) return false;
  return a.lo === a.hi && b.lo === b.hi && a.lo === b.lo ? true : undefined;
}

/** Whether `a op b` holds for all values in the ranges, for none, or undefined. */
export function compareRanges(op: ComparisonOperator, a: Range, b: Range): Decision {
  switch (op) {
    case '<':
      return less(a, b);
    case '>':
      return less(b, a);
    case '<=':
      return not(less(b, a));
    case '>=':
      return not(less(a, b));
    case '==':
      return equal(a, b);
    case '!=':
      return not(equal(a, b));
    default:
      return op satisfies never;
  }
}

/**
 * What interval arithmetic alone says of the events of a graph: that one holds for every text, for none, or nothing.
 * `facts` of a prior narrow the scores they compare. Sound: `undefined` where the ranges leave both open.
 */
export function eventDecisions(graph: ModelGraph, facts?: PriorFacts): (id: NodeId) => Decision {
  const range = rangesOf(graph, facts);
  return bottomUp<Decision>(graph, (node, of) => {
    switch (node.kind) {
      case 'boolean':
        return node.value;
      case 'compare':
        return compareRanges(node.op, range(node.left), range(node.right));
      case 'not':
        return not(of(node.of));
      case 'and': {
        const parts = node.of.map(of);
        return parts.includes(false) ? false : parts.every((d) => d === true) ? true : undefined;
      }
      case 'or': {
        const parts = node.of.map(of);
        return parts.includes(true) ? true : parts.every((d) => d === false) ? false : undefined;
      }
      default:
        return undefined;
    }
  });
}
