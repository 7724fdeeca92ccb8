import type { Claim } from './claim.ts';
import { expressionText } from './expression.ts';
import type { ModelGraph, NodeId } from './graph.ts';

const OPERATORS = { add: '+', subtract: '-', multiply: '*', divide: '/', power: '^' } as const;

const LEVEL = {
  implies: 0,
  or: 1,
  and: 2,
  not: 3,
  compare: 4,
  sum: 5,
  product: 6,
  unary: 7,
  power: 8,
  atom: 9,
} as const;

interface Piece {
  readonly text: string;
  readonly level: number;
}

const place = (p: Piece, level: number): string => (p.level < level ? `(${p.text})` : p.text);

/** A claim in the notation of the language, named parts by their names. */
export function claimText(graph: ModelGraph, claim: Claim): string {
  return piece(graph, claim).text;
}

function numberText(value: number): string {
  return value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value);
}

/** A node of the graph by its name, else by its definition. */
export function nodeText(graph: ModelGraph, id: NodeId): string {
  return graph.nodes[id].label ?? expressionText(graph, id);
}

/** `reward(x)`; what has no name is put in parentheses before the text. */
function appliedText(graph: ModelGraph, id: NodeId, text: string): string {
  const node = graph.nodes[id];
  if (node.label === undefined && node.kind === 'logProb') {
    return `log_density(${nodeText(graph, node.distribution)}, ${text})`;
  }
  const name = nodeText(graph, id);
  return /^[A-Za-z_]\w*$/.test(name) ? `${name}(${text})` : `(${name})(${text})`;
}

function level(op: keyof typeof OPERATORS): number {
  return op === 'power' ? LEVEL.power : op === 'add' || op === 'subtract' ? LEVEL.sum : LEVEL.product;
}

function piece(graph: ModelGraph, c: Claim): Piece {
  const name = (id: NodeId): string => nodeText(graph, id);
  const atom = (text: string): Piece => ({ text, level: LEVEL.atom });
  const join = (of: readonly Claim[], by: string, at: number): Piece => ({
    text: of.map((x, i) => place(piece(graph, x), i === 0 ? at : at + 1)).join(by),
    level: at,
  });
  switch (c.kind) {
    case 'number':
      return c.param === undefined ? atom(numberText(c.value)) : atom(c.param);
    case 'boolean':
      return atom(String(c.value));
    case 'at':
      return atom(appliedText(graph, c.node, c.text));
    case 'ratio':
      return atom(`ratio(${name(c.distribution)}, ${c.text})`);
    case 'mean':
      return atom(`${graph.nodes[c.of].type === 'event' ? 'P' : 'E'}(${name(c.of)} | ${name(c.under)})`);
    case 'divergence':
      return atom(`${c.fn}(${name(c.left)}, ${name(c.right)})`);
    case 'functional':
      return atom(`${c.fn === 'entropy' ? 'H' : 'log_Z'}(${name(c.of)})`);
    case 'arithmetic':
      return join([c.left, c.right], c.op === 'power' ? '^' : ` ${OPERATORS[c.op]} `, level(c.op));
    case 'negate':
      return { text: `-${place(piece(graph, c.of), LEVEL.unary)}`, level: LEVEL.unary };
    case 'not':
      return { text: `not ${place(piece(graph, c.of), LEVEL.not)}`, level: LEVEL.not };
    case 'apply':
      return atom(`${c.fn}(${c.args.map((a) => claimText(graph, a)).join(', ')})`);
    case 'choose': {
      const [a, b, d] = [c.condition, c.then, c.else].map((x) => claimText(graph, x));
      return { text: `if ${a} then ${b} else ${d}`, level: -1 };
    }
    case 'compare':
      return join([c.left, c.right], ` ${c.op} `, LEVEL.compare);
    case 'and':
    case 'or':
      return join(c.of, ` ${c.kind} `, LEVEL[c.kind]);
    case 'implies':
      return { text: `${place(piece(graph, c.left), 1)} implies ${place(piece(graph, c.right), 0)}`, level: 0 };
    default:
      return c satisfies never;
  }
}
