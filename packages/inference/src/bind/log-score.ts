import { logSigmoid, type NodeId, type NodeOf } from '@postulate/graph';
import { logAddExp } from '../numeric/index.ts';
import { chooseValues } from './choose.ts';
import { map, zip, type Frame, type Values } from './frame.ts';
import { all, andThen } from './maybe.ts';
import { logMeanValues } from './summary.ts';

/** log(a · b); a zero wins over an infinity, as it does in the linear scale before anything overflows. */
const product = (a: number, b: number): number => (a === -Infinity || b === -Infinity ? -Infinity : a + b);
const quotient = (a: number, b: number): number => (a === -Infinity ? -Infinity : a - b);
/** log(b^e) from log b and e, with 0^0 = 1. */
const power = (logBase: number, exponent: number): number => (exponent === 0 ? 0 : logBase * exponent);

function logArithmetic(frame: Frame, node: NodeOf<'arithmetic'>): Values | undefined {
  const both = (f: (a: number, b: number) => number): Values | undefined =>
    frame.nonNegative(node.left) && frame.nonNegative(node.right)
      ? all([frame.log(node.left), frame.log(node.right)], ([a, b]) => zip(a, b, f))
      : undefined;
  switch (node.op) {
    case 'multiply':
      return both(product);
    case 'divide':
      return both(quotient);
    case 'add':
      return both(logAddExp);
    case 'power':
      return frame.nonNegative(node.left)
        ? all([frame.log(node.left), frame.value(node.right)], ([b, e]) => zip(b, e, power))
        : undefined;
    case 'subtract':
      return undefined;
    default:
      return node.op satisfies never;
  }
}

function logApplied(frame: Frame, node: NodeOf<'apply'>): Values | undefined {
  const [first] = node.args;
  const fold = (f: (a: number, b: number) => number): Values | undefined =>
    node.args.every((a) => frame.nonNegative(a))
      ? all(
          node.args.map((a) => frame.log(a)),
          (vs) => vs.slice(1).reduce((a, b) => zip(a, b, f), vs[0]),
        )
      : undefined;
  switch (node.fn) {
    case 'exp':
      return frame.value(first);
    case 'sigmoid':
      return andThen(frame.value(first), (v) => map(v, logSigmoid));
    case 'sqrt':
      return andThen(frame.log(first), (v) => map(v, (x) => x / 2));
    case 'min':
      return fold(Math.min);
    case 'max':
      return fold(Math.max);
    case 'log':
    case 'abs':
    case 'clamp':
    case 'log_sigmoid':
      return undefined;
    default:
      return node.fn satisfies never;
  }
}

/** The log-scale form of a node, where it has one. */
function logForm(frame: Frame, id: NodeId): Values | undefined {
  const node = frame.graph.nodes[id];
  switch (node.kind) {
    case 'apply':
      return logApplied(frame, node);
    case 'arithmetic':
      return logArithmetic(frame, node);
    case 'choose':
      return chooseValues(frame, node, (f, i) => f.log(i));
    case 'summary':
      return node.fn === 'mean' ? logMeanValues(frame, node.of) : undefined;
    default:
      return undefined;
  }
}

/**
 * log of a non-negative score: log exp(s) is s and products are sums, so that rewards far beyond the range of doubles
 * keep their digits; whatever has no such form is evaluated and then put into logs.
 */
export function logValues(frame: Frame, id: NodeId): Values {
  return logForm(frame, id) ?? andThen(frame.value(id), (v) => map(v, Math.log));
}
