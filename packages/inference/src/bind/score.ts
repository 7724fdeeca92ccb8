import { COMPARISONS, logSigmoid, sigmoid, type NodeId, type NodeOf } from '@postulate/graph';
import { chooseValues } from './choose.ts';
import { map, zip, type Frame, type Values } from './frame.ts';
import { all, andThen } from './maybe.ts';
import { summaryValues } from './summary.ts';

const ARITHMETIC = {
  add: (a: number, b: number) => a + b,
  subtract: (a: number, b: number) => a - b,
  multiply: (a: number, b: number) => a * b,
  divide: (a: number, b: number) => a / b,
  power: (a: number, b: number) => Math.pow(a, b),
} as const;

const constant = (frame: Frame, x: number): Float64Array => new Float64Array(frame.size).fill(x);

function applied(frame: Frame, node: NodeOf<'apply'>): Values {
  const [first] = node.args;
  const one = (f: (x: number) => number): Values => andThen(frame.value(first), (v) => map(v, f));
  const fold = (f: (a: number, b: number) => number): Values =>
    all(
      node.args.map((a) => frame.value(a)),
      (vs) => vs.slice(1).reduce((a, b) => zip(a, b, f), vs[0]),
    );
  switch (node.fn) {
    case 'exp':
      return one(Math.exp);
    case 'log':
      return frame.log(first);
    case 'sqrt':
      return one(Math.sqrt);
    case 'abs':
      return one(Math.abs);
    case 'min':
      return fold(Math.min);
    case 'max':
      return fold(Math.max);
    case 'clamp':
      return all(
        node.args.map((a) => frame.value(a)),
        ([s, lo, hi]) => zip(zip(s, hi, Math.min), lo, Math.max),
      );
    case 'sigmoid':
      return one(sigmoid);
    case 'log_sigmoid':
      return one(logSigmoid);
    default:
      return node.fn satisfies never;
  }
}

function binary(frame: Frame, left: NodeId, right: NodeId, f: (a: number, b: number) => number): Values {
  const by = frame.graph.nodes[right];
  if (by.kind === 'number') return andThen(frame.value(left), (v) => map(v, (a) => f(a, by.value)));
  return all([frame.value(left), frame.value(right)], ([a, b]) => zip(a, b, f));
}

/** Conjunction or disjunction of any number of events. */
function junction(frame: Frame, of: readonly NodeId[], any: boolean): Values {
  return all(
    of.map((i) => frame.value(i)),
    (vs) => {
      const out = new Float64Array(frame.size).fill(any ? 0 : 1);
      // One event that holds decides a disjunction, one that does not a conjunction.
      for (const v of vs) for (let i = 0; i < out.length; i++) if ((v[i] !== 0) === any) out[i] = any ? 1 : 0;
      return out;
    },
  );
}

/** Values of a node that is made of others; leaves are the frame's own affair. */
export function scoreValues(frame: Frame, id: NodeId): Values {
  const node = frame.graph.nodes[id];
  switch (node.kind) {
    case 'number':
      return constant(frame, node.value);
    case 'boolean':
      return constant(frame, node.value ? 1 : 0);
    case 'arithmetic':
      return binary(frame, node.left, node.right, ARITHMETIC[node.op]);
    case 'compare': {
      const holds = COMPARISONS[node.op];
      return binary(frame, node.left, node.right, (a, b) => (holds(a, b) ? 1 : 0));
    }
    case 'negate':
      return andThen(frame.value(node.of), (v) => map(v, (x) => 0 - x));
    case 'not':
      return andThen(frame.value(node.of), (v) => map(v, (x) => (x === 0 ? 1 : 0)));
    case 'and':
    case 'or':
      return junction(frame, node.of, node.kind === 'or');
    case 'apply':
      return applied(frame, node);
    case 'choose':
      return chooseValues(frame, node, (f, i) => f.value(i));
    case 'indicator':
      return frame.value(node.event);
    case 'summary':
      return summaryValues(frame, node);
    case 'feature':
    case 'test':
    case 'externScore':
    case 'externEvent':
    case 'logProb':
      return frame.leaf(id);
    case 'ensemble':
    case 'gaussian':
    case 'prior':
    case 'mixture':
    case 'posterior':
    case 'tempered':
      throw new TypeError(`node ${id} (${node.kind}) has no value of its own`);
    default:
      return node satisfies never;
  }
}
