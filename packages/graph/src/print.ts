import { expressionText } from './expression.ts';
import { graphHash } from './hash.ts';
import { operands, reachable, type GraphNode, type ModelGraph, type NodeId, type Output } from './graph.ts';
import { formatRange } from './interval.ts';
import { factorCapabilities, shapeOf } from './shape.ts';
import { nodeRange } from './transfer.ts';

export type GraphFormat = 'text' | 'mermaid' | 'dot' | 'json';

const isNumeric = (node: GraphNode): boolean => node.type === 'score' || node.type === 'random';

function typeText(graph: ModelGraph, id: NodeId): string {
  const node = graph.nodes[id];
  const name = { score: 'Score', random: 'RandomScore', event: 'Event', distribution: 'Distribution' }[node.type];
  return isNumeric(node) ? `${name} ${formatRange(nodeRange(graph, id))}` : name;
}

function distributionLines(graph: ModelGraph, id: NodeId): readonly string[] {
  const node = graph.nodes[id];
  if (node.kind !== 'posterior') return [];
  const name = (i: NodeId): string => graph.nodes[i].label ?? expressionText(graph, i);
  return [
    `  base    ${name(node.base)}`,
    ...node.factors.map(
      (f) =>
        `  factor  ${name(f)}  ${formatRange(nodeRange(graph, f))}  ${[...factorCapabilities(graph, f)].join(', ')}`,
    ),
    ...node.moments.map((m) => `  moment  E(${name(m.of)}) ${m.relation} ${m.value}`),
  ];
}

function outputText(graph: ModelGraph, output: Output): string {
  const { node: id, name, type } = output;
  const shape = type === 'score' || type === 'event' ? `  ${shapeOf(graph, id)}` : '';
  const hash = type === 'distribution' ? `  #${graphHash(graph, id)}` : '';
  const head = `${name} : ${typeText(graph, id)}${shape}${hash}`;
  return [head, `  = ${expressionText(graph, id)}`, ...distributionLines(graph, id)].join('\n');
}

function printText(graph: ModelGraph): string {
  const params = graph.params.map((p) => `param ${p.name} = ${p.value}${p.range ? ` in ${formatRange(p.range)}` : ''}`);
  const contexts = graph.contexts.map((c) => `context ${c.name}`);
  return [...params, ...contexts, ...graph.outputs.map((o) => outputText(graph, o))].join('\n') + '\n';
}

/** Nodes that an output reaches, in topological order. */
function shown(graph: ModelGraph): readonly NodeId[] {
  const roots = graph.outputs.map((o) => o.node);
  return [...reachable(graph, roots)].sort((a, b) => a - b);
}

/** What a node is by itself, its operands left to the arrows. */
function caption(graph: ModelGraph, id: NodeId): string {
  const node = graph.nodes[id];
  const leaf = operands(node).length === 0;
  const kind =
    node.kind === 'apply' ? node.fn : node.kind === 'arithmetic' || node.kind === 'compare' ? node.op : node.kind;
  const what = leaf ? expressionText(graph, id) : kind;
  const name = node.label === undefined || node.label === what ? what : `${node.label} = ${what}`;
  return isNumeric(node) && !(node.kind === 'number') ? `${name}\n${formatRange(nodeRange(graph, id))}` : name;
}

function printMermaid(graph: ModelGraph): string {
  const escape = (s: string): string =>
    s.replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;').replaceAll('\n', '<br/>');
  const shape = (id: NodeId): string => {
    const text = escape(caption(graph, id));
    return graph.nodes[id].type === 'distribution'
      ? `n${id}(["${text}"])`
      : graph.nodes[id].type === 'event'
        ? `n${id}{{"${text}"}}`
        : `n${id}["${text}"]`;
  };
  const ids = shown(graph);
  const edges = ids.flatMap((id) => operands(graph.nodes[id]).map((o) => `  n${o} --> n${id}`));
  return ['flowchart BT', ...ids.map((id) => `  ${shape(id)}`), ...new Set(edges)].join('\n') + '\n';
}

function printDot(graph: ModelGraph): string {
  const ids = shown(graph);
  const shapes = { distribution: 'ellipse', event: 'hexagon', score: 'box', random: 'box' } as const;
  const nodes = ids.map(
    (id) => `  n${id} [shape=${shapes[graph.nodes[id].type]}, label=${JSON.stringify(caption(graph, id))}];`,
  );
  const edges = ids.flatMap((id) => operands(graph.nodes[id]).map((o) => `  n${o} -> n${id};`));
  return ['digraph model {', '  rankdir=BT;', ...nodes, ...new Set(edges), '}'].join('\n') + '\n';
}

/** JSON has no infinities: they are written as the strings "inf" and "-inf". */
export function jsonReplacer(_key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

function printJson(graph: ModelGraph): string {
  const outputs = graph.outputs.map((o) => ({ ...o, hash: graphHash(graph, o.node) }));
  const nodes = graph.nodes.map((node, id) =>
    isNumeric(node) ? { id, ...node, range: nodeRange(graph, id) } : { id, ...node },
  );
  return JSON.stringify({ ...graph, nodes, outputs }, jsonReplacer, 2) + '\n';
}

/** The model graph for reading (`text`), for drawing (`mermaid`, `dot`) or for other programs (`json`, versioned). */
export function printGraph(graph: ModelGraph, format: GraphFormat = 'text'): string {
  switch (format) {
    case 'text':
      return printText(graph);
    case 'mermaid':
      return printMermaid(graph);
    case 'dot':
      return printDot(graph);
    case 'json':
      return printJson(graph);
    default:
      return format satisfies never;
  }
}
