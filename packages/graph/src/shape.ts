import type { Capability } from './capability.ts';
import { featureShape } from './features.ts';
import type { GraphNode, ModelGraph, NodeId } from './graph.ts';
import { operands } from './graph.ts';
import { nodeRange } from './transfer.ts';

/**
 * How a score or event can be followed along a text. `constant` ⊂ `regular` (finitely many values, known from an
 * automaton's state at the end) ; `additive` is a sum over an automaton's moves; `opaque` is only known when complete.
 */
export type Shape = 'constant' | 'regular' | 'additive' | 'opaque';

function linear(graph: ModelGraph, node: GraphNode): Shape | undefined {
  if (node.kind === 'negate') return shapeOf(graph, node.of);
  if (node.kind !== 'arithmetic') return undefined;
  const [a, b] = [shapeOf(graph, node.left), shapeOf(graph, node.right)];
  const sum = node.op === 'add' || node.op === 'subtract';
  const scaled =
    (node.op === 'multiply' && (a === 'constant' || b === 'constant')) || (node.op === 'divide' && b === 'constant');
  if (!sum && !scaled) return undefined;
  if (a === 'opaque' || b === 'opaque') return 'opaque';
  return a === 'additive' || b === 'additive' ? 'additive' : undefined;
}

const known = new WeakMap<ModelGraph, Map<NodeId, Shape>>();

/** The shape as the file alone shows it; a prior may still make an engine's automaton too large. */
export function shapeOf(graph: ModelGraph, id: NodeId): Shape {
  const shapes = known.get(graph) ?? new Map<NodeId, Shape>();
  known.set(graph, shapes);
  const shape = shapes.get(id) ?? deriveShape(graph, id);
  shapes.set(id, shape);
  return shape;
}

function deriveShape(graph: ModelGraph, id: NodeId): Shape {
  const node = graph.nodes[id];
  switch (node.kind) {
    case 'number':
    case 'boolean':
      return 'constant';
    case 'test':
      return 'regular';
    case 'feature':
      return featureShape(node.name);
    case 'externScore':
    case 'externEvent':
    case 'logProb':
    case 'gaussian':
    case 'prior':
    case 'mixture':
    case 'posterior':
    case 'tempered':
      return 'opaque';
    default: {
      const shapes = operands(node).map((i) => shapeOf(graph, i));
      if (shapes.every((s) => s === 'constant')) return 'constant';
      return linear(graph, node) ?? (shapes.includes('opaque') ? 'opaque' : 'regular');
    }
  }
}

/** Whether log φ is additive: φ is an exponential of an additive score, or a product or quotient of such. */
function logAdditive(graph: ModelGraph, id: NodeId): boolean {
  const node = graph.nodes[id];
  if (node.kind === 'apply' && node.fn === 'exp') return shapeOf(graph, node.args[0]) === 'additive';
  if (node.kind === 'arithmetic' && (node.op === 'multiply' || node.op === 'divide')) {
    return [node.left, node.right].every(
      (i) => logAdditive(graph, i) || ['constant', 'regular'].includes(shapeOf(graph, i)),
    );
  }
  return false;
}

/** What a factor φ of a posterior can do, as far as the file alone shows it. */
export function factorCapabilities(graph: ModelGraph, id: NodeId): ReadonlySet<Capability> {
  const found = new Set<Capability>(['completeScore']);
  const shape = shapeOf(graph, id);
  if (graph.nodes[id].kind === 'indicator') found.add('boolean');
  if (logAdditive(graph, id)) found.add('additive');
  if (shape === 'regular' || shape === 'constant') found.add('regular');
  if (found.has('regular') || found.has('additive')) found.add('prefixScore').add('nextTokenScores');
  if (nodeRange(graph, id).hi < Infinity) found.add('upperBound');
  return found;
}
