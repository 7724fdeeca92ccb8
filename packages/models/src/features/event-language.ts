import { operands, type ComparisonOperator, type ModelGraph, type NodeId, type NodeOf } from '@postulate/graph';
import { alphabetOf } from '../automata/alphabet.ts';
import {
  complementLanguage,
  constantLanguage,
  intersectLanguages,
  isEmptyLanguage,
  isUniversalLanguage,
  uniteLanguages,
} from '../automata/language.ts';
import { isRefusal, type Refusal, type TextMachine } from '../automata/text-machine.ts';
import { thresholdMachine } from '../automata/threshold.ts';
import type { DataSource } from '../data/data-source.ts';
import { contextNames } from './arguments.ts';
import { EVENT_LEAVES, SCORE_LEAVES, type Leaf } from './leaves.ts';

/** An event between two languages: it holds on all texts of `inner` and on none outside `outer`. */
interface Bracket {
  readonly inner: TextMachine;
  readonly outer: TextMachine;
}

const NO_TEXT = constantLanguage(alphabetOf([]), false);
const EVERY_TEXT = constantLanguage(alphabetOf([]), true);
const UNKNOWN: Bracket = { inner: NO_TEXT, outer: EVERY_TEXT };

export type EventVerdict = 'empty' | 'universal' | 'neither' | 'unknown';

/**
 * Whether an event of the graph holds for no string at all, for every string, or neither, decided by automata over code
 * points; the vocabulary and length of a prior do not enter. What automata cannot say (comparisons of general scores,
 * externs, `finished`, arguments that depend on a context) is bracketed between nothing and everything, so that
 * `empty` and `universal` are always right. Throws what binding the leaves throws: P304 for a bad regular expression.
 */
export async function eventLanguage(graph: ModelGraph, nodeId: NodeId, data: DataSource): Promise<EventVerdict> {
  const known: Known = new Map();
  // Operands first, which a graph keeps before what uses them: a chain of events may be longer than the call stack.
  for (const id of below(graph, nodeId)) await bracketOf(graph, id, data, known);
  const { inner, outer } = await bracketOf(graph, nodeId, data, known);
  if (isEmptyLanguage(outer)) return 'empty';
  if (isUniversalLanguage(inner)) return 'universal';
  const sure = !isEmptyLanguage(inner) && !isUniversalLanguage(outer);
  return sure ? 'neither' : 'unknown';
}

type Known = Map<NodeId, Promise<Bracket>>;

/** The connectives' operands below a node, directly and through others, in the order of the graph. */
function below(graph: ModelGraph, id: NodeId): readonly NodeId[] {
  const found = new Set<NodeId>([id]);
  for (const at of found) {
    const { kind } = graph.nodes[at];
    if (kind === 'not' || kind === 'and' || kind === 'or') for (const o of operands(graph.nodes[at])) found.add(o);
  }
  return [...found].sort((a, b) => a - b);
}

function bracketOf(graph: ModelGraph, id: NodeId, data: DataSource, known: Known): Promise<Bracket> {
  let bracket = known.get(id);
  if (bracket === undefined) known.set(id, (bracket = computeBracket(graph, id, data, known)));
  return bracket;
}

async function computeBracket(graph: ModelGraph, id: NodeId, data: DataSource, known: Known): Promise<Bracket> {
  const node = graph.nodes[id];
  const recurse = (child: NodeId) => bracketOf(graph, child, data, known);
  switch (node.kind) {
    case 'boolean':
      return exactly(node.value ? EVERY_TEXT : NO_TEXT);
    case 'test':
      return testBracket(node, data);
    case 'compare':
      return compareBracket(graph, node, data);
    case 'not': {
      const { inner, outer } = await recurse(node.of);
      return { inner: complementLanguage(outer), outer: complementLanguage(inner) };
    }
    case 'and':
      return join(await Promise.all(node.of.map(recurse)), EVERY_TEXT, intersectLanguages);
    case 'or':
      return join(await Promise.all(node.of.map(recurse)), NO_TEXT, uniteLanguages);
    default:
      return UNKNOWN;
  }
}

function exactly(machine: TextMachine | Refusal): Bracket {
  return isRefusal(machine) ? UNKNOWN : { inner: machine, outer: machine };
}

type Operation = (a: TextMachine, b: TextMachine) => TextMachine | Refusal;

function join(brackets: readonly Bracket[], neutral: TextMachine, operation: Operation): Bracket {
  return brackets.reduce((a, b): Bracket => {
    const inner = operation(a.inner, b.inner);
    const outer = a.inner === a.outer && b.inner === b.outer ? inner : operation(a.outer, b.outer);
    return {
      inner: isRefusal(inner) ? NO_TEXT : inner,
      outer: isRefusal(outer) ? EVERY_TEXT : outer,
    };
  }, exactly(neutral));
}

async function testBracket(node: NodeOf<'test'>, data: DataSource): Promise<Bracket> {
  const make = EVENT_LEAVES[node.name];
  if (make === undefined || contextNames(node.args).length > 0) return UNKNOWN;
  const leaf = await make(node, { data, context: {} });
  return exactly(leaf.automaton());
}

const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

/** `count`, `chars` and `words` compared with a number. */
async function compareBracket(graph: ModelGraph, node: NodeOf<'compare'>, data: DataSource): Promise<Bracket> {
  const [left, right] = [graph.nodes[node.left], graph.nodes[node.right]];
  const mirrored = left.kind === 'number';
  const [score, bound] = mirrored ? [right, left] : [left, right];
  if (score.kind !== 'feature' || bound.kind !== 'number') return UNKNOWN;
  const leaf = await countingLeaf(score, data);
  const machine = leaf?.automaton();
  if (machine === undefined || isRefusal(machine)) return UNKNOWN;
  return exactly(thresholdMachine(machine, mirrored ? MIRRORED[node.op] : node.op, bound.value));
}

async function countingLeaf(node: NodeOf<'feature'>, data: DataSource): Promise<Leaf | undefined> {
  if (!['count', 'chars', 'words'].includes(node.name) || contextNames(node.args).length > 0) return undefined;
  return SCORE_LEAVES[node.name](node, { data, context: {} });
}
