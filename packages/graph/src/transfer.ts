import { bottomUp } from './bottom-up.ts';
import { featureRange, type PriorFacts } from './features.ts';
import type { ArithmeticOperator, GraphNode, ModelGraph, NodeId, NodeOf, ScoreFunction } from './graph.ts';
import {
  absRange,
  addRange,
  clampRange,
  divideRange,
  expRange,
  logRange,
  logSigmoidRange,
  maxRange,
  minRange,
  multiplyRange,
  negateRange,
  NON_NEGATIVE,
  point,
  powerRange,
  range,
  REALS,
  sigmoidRange,
  sqrtRange,
  subtractRange,
  unionRange,
  UNIT,
} from './interval.ts';
import type { Range } from './range.ts';

type RangeOf = (id: NodeId) => Range;
type Nodes = Pick<ModelGraph, 'nodes'>;

/** Where `a op b` lies. */
export function arithmeticRange(op: ArithmeticOperator, a: Range, b: Range): Range {
  switch (op) {
    case 'add':
      return addRange(a, b);
    case 'subtract':
      return subtractRange(a, b);
    case 'multiply':
      return multiplyRange(a, b);
    case 'divide':
      return divideRange(a, b) ?? REALS;
    case 'power':
      return powerRange(a, b) ?? REALS;
    default:
      return op satisfies never;
  }
}

function arithmetic(node: NodeOf<'arithmetic'>, of: RangeOf): Range {
  const square = node.op === 'multiply' && node.left === node.right;
  if (square) return powerRange(of(node.left), point(2)) ?? REALS;
  return arithmeticRange(node.op, of(node.left), of(node.right));
}

/** Where a function of values in `args` lies. */
export function functionRange(fn: ScoreFunction, args: readonly Range[]): Range {
  switch (fn) {
    case 'exp':
      return expRange(args[0]);
    case 'log':
      return logRange(args[0]) ?? REALS;
    case 'sqrt':
      return sqrtRange(args[0]) ?? NON_NEGATIVE;
    case 'abs':
      return absRange(args[0]);
    case 'min':
      return args.reduce(minRange);
    case 'max':
      return args.reduce(maxRange);
    case 'clamp':
      return clampRange(args[0], args[1], args[2]);
    case 'sigmoid':
      return sigmoidRange(args[0]);
    case 'log_sigmoid':
      return logSigmoidRange(args[0]);
    default:
      return fn satisfies never;
  }
}

/** The mean of an ensemble lies between the means of its members' ends; of anything else, where its values lie. */
function meanRange(graph: Nodes, id: NodeId, of: RangeOf): Range {
  const node = graph.nodes[id];
  if (node.kind === 'gaussian') return of(node.mean);
  if (node.kind !== 'ensemble') return of(id);
  const sum = node.members.map(of).reduce(addRange);
  return divideRange(sum, point(node.members.length)) ?? of(id);
}

function summary(graph: Nodes, node: NodeOf<'summary'>, of: RangeOf): Range {
  switch (node.fn) {
    case 'mean':
      return meanRange(graph, node.of, of);
    case 'quantile':
      return of(node.of);
    case 'sd': {
      const r = of(node.of);
      const width = (r.hi - r.lo) / 2;
      return range(0, Number.isNaN(width) ? Infinity : width);
    }
    case 'lower': {
      const mean = meanRange(graph, node.of, of);
      const k = node.parameter ?? 0;
      if (k === 0) return mean;
      return k > 0 ? { ...mean, lo: -Infinity, loOpen: true } : { ...mean, hi: Infinity, hiOpen: true };
    }
    default:
      return node.fn satisfies never;
  }
}

/** The range of one node given those of its operands: one step of `nodeRange`, for whoever builds a graph bottom-up. */
export function deriveRange(graph: Nodes, node: GraphNode, of: RangeOf, facts: PriorFacts | undefined): Range {
  switch (node.kind) {
    case 'number':
      return point(node.value);
    case 'feature':
      return featureRange(node.name, node.args, facts);
    case 'arithmetic':
      return arithmetic(node, of);
    case 'negate':
      return negateRange(of(node.of));
    case 'apply':
      return functionRange(node.fn, node.args.map(of));
    case 'choose':
      return unionRange(of(node.then), of(node.else));
    case 'ensemble':
      return node.members.map(of).reduce(unionRange);
    case 'summary':
      return summary(graph, node, of);
    case 'externScore':
      return node.range ?? REALS;
    case 'logProb':
      return graph.nodes[node.distribution].kind === 'prior'
        ? range(-Infinity, 0, false, false)
        : range(-Infinity, Infinity, false, true);
    case 'gaussian':
      return REALS;
    default:
      return UNIT;
  }
}

/** `nodeRange` for many nodes of one graph, each looked at once. */
export function rangesOf(graph: ModelGraph, facts?: PriorFacts): (id: NodeId) => Range {
  return bottomUp(graph, (node, of) => deriveRange(graph, node, of, facts));
}

/**
 * Where the values of a score, random score or event (0 and 1) lie, by interval arithmetic from the leaves up;
 * `facts` of a bound prior narrow the leaves. Sound, not tight: two uses of one score are treated as unrelated.
 */
export function nodeRange(graph: ModelGraph, id: NodeId, facts?: PriorFacts): Range {
  return rangesOf(graph, facts)(id);
}
