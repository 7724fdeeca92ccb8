import type { Argument, Arguments, GraphNode, ModelGraph, NodeId } from './graph.ts';

const OPERATORS = { add: '+', subtract: '-', multiply: '*', divide: '/', power: '^' } as const;

/** Binding strengths, loosest first; a part is put in parentheses where it binds less tightly than its place asks. */
const LEVEL = { given: 0, or: 1, and: 2, not: 3, compare: 4, sum: 5, product: 6, unary: 7, power: 8, atom: 9 } as const;

interface Piece {
  readonly text: string;
  readonly level: number;
}

const atom = (text: string): Piece => ({ text, level: LEVEL.atom });

function number(value: number): Piece {
  const text = value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value);
  return { text, level: text.startsWith('-') ? LEVEL.unary : LEVEL.atom };
}

/** A constant argument as the language writes it; long lists and records are cut. */
export function argumentText(a: Argument, most = 4): string {
  switch (a.kind) {
    case 'number':
      return number(a.value).text;
    case 'string':
      return JSON.stringify(a.value);
    case 'boolean':
      return String(a.value);
    case 'context':
      return a.name;
    case 'data':
      return `${a.source}(${JSON.stringify(a.name)})`;
    case 'list': {
      const shown = a.items.slice(0, most).map((i) => argumentText(i, most));
      return `[${[...shown, ...(a.items.length > most ? ['…'] : [])].join(', ')}]`;
    }
    case 'record': {
      const shown = a.entries.slice(0, most).map(([k, v]) => `${JSON.stringify(k)}: ${argumentText(v, most)}`);
      return `{${[...shown, ...(a.entries.length > most ? ['…'] : [])].join(', ')}}`;
    }
    default:
      return a satisfies never;
  }
}

/** Arguments that the reference documents as positional are shown without their name. */
const POSITIONAL = new Set([
  'text',
  'texts',
  'pattern',
  'weights',
  'rows',
  'corpus',
  'file',
  'source',
  'n',
  'folder',
  'list',
  'run',
]);

function call(name: string, args: Arguments): Piece {
  // Every flag of the language is false unless given, so that a false one says nothing.
  const entries = Object.entries(args).filter(([, value]) => value.kind !== 'boolean' || value.value);
  if (entries.length === 0) return atom(name);
  const shown = entries.map(([key, value], i) =>
    i === 0 && POSITIONAL.has(key) ? argumentText(value) : `${key} = ${argumentText(value)}`,
  );
  return atom(`${name}(${shown.join(', ')})`);
}

function place(p: Piece, level: number): string {
  return p.level < level ? `(${p.text})` : p.text;
}

type Show = (id: NodeId) => Piece;

function infix(show: Show, ids: readonly NodeId[], operator: string, level: number): Piece {
  const [first, ...rest] = ids.map(show);
  return { text: [place(first, level), ...rest.map((p) => place(p, level + 1))].join(operator), level };
}

function arithmeticPiece(node: GraphNode & { readonly kind: 'arithmetic' }, show: Show): Piece {
  const level =
    node.op === 'add' || node.op === 'subtract' ? LEVEL.sum : node.op === 'power' ? LEVEL.power : LEVEL.product;
  const tight = level === LEVEL.sum ? ` ${OPERATORS[node.op]} ` : OPERATORS[node.op];
  if (level !== LEVEL.power) return infix(show, [node.left, node.right], tight, level);
  return { text: `${place(show(node.left), LEVEL.atom)}^${place(show(node.right), LEVEL.unary)}`, level };
}

function posteriorPiece(node: GraphNode & { readonly kind: 'posterior' }, show: Show): Piece {
  const product = [node.base, ...node.factors].map((i) => place(show(i), LEVEL.unary)).join(' * ');
  if (node.moments.length === 0) return { text: product, level: LEVEL.product };
  const moments = node.moments.map((m) => `E(${show(m.of).text}) ${m.relation} ${m.value}`);
  return { text: `${product} subject to {${moments.join(', ')}}`, level: LEVEL.given };
}

function piece(node: GraphNode, show: Show): Piece {
  const list = (ids: readonly NodeId[]): string => ids.map((i) => show(i).text).join(', ');
  switch (node.kind) {
    case 'number':
      return node.param === undefined ? number(node.value) : atom(node.param);
    case 'boolean':
      return atom(String(node.value));
    case 'feature':
    case 'test':
    case 'prior':
      return call(node.name, node.args);
    case 'externScore':
    case 'externEvent':
      return atom(node.name);
    case 'arithmetic':
      return arithmeticPiece(node, show);
    case 'negate':
      return { text: `-${place(show(node.of), LEVEL.unary)}`, level: LEVEL.unary };
    case 'apply':
      return atom(`${node.fn}(${list(node.args)})`);
    case 'choose':
      return {
        text: `if ${show(node.condition).text} then ${show(node.then).text} else ${show(node.else).text}`,
        level: -1,
      };
    case 'indicator':
      return atom(`indicator(${show(node.event).text})`);
    case 'logProb':
      return atom(`log_prob(${show(node.distribution).text})`);
    case 'summary':
      return atom(`${node.fn}(${show(node.of).text}${node.parameter === undefined ? '' : `, ${node.parameter}`})`);
    case 'ensemble':
      return atom(`ensemble(${list(node.members)})`);
    case 'gaussian':
      return atom(`gaussian(mean = ${show(node.mean).text}, sd = ${show(node.sd).text})`);
    case 'compare':
      return infix(show, [node.left, node.right], ` ${node.op} `, LEVEL.compare);
    case 'not':
      return { text: `not ${place(show(node.of), LEVEL.not)}`, level: LEVEL.not };
    case 'and':
    case 'or':
      return infix(show, node.of, ` ${node.kind} `, LEVEL[node.kind]);
    case 'mixture':
      return atom(`mixture(${list(node.components)}, weights = [${node.weights.join(', ')}])`);
    case 'posterior':
      return posteriorPiece(node, show);
    case 'tempered':
      return { text: `${place(show(node.base), LEVEL.atom)}^${node.exponent}`, level: LEVEL.power };
    default:
      return node satisfies never;
  }
}

/** Unnamed parts nested deeper than this are shown as `…`: shared parts would be written out again and again. */
const DEEPEST = 12;

/** A node in the notation of the language. Named parts are shown by their name, the node itself by its definition. */
export function expressionText(graph: ModelGraph, id: NodeId): string {
  const at = (depth: number): Show => {
    return (i) => {
      const node = graph.nodes[i];
      if (depth > 0 && node.label !== undefined) return atom(node.label);
      return depth > DEEPEST ? atom('…') : piece(node, at(depth + 1));
    };
  };
  return at(0)(id).text;
}
