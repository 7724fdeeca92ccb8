import type { Argument, Arguments, ComparisonOperator, ModelGraph, NodeId } from '@postulate/graph';

/** What raises a weight, as far as the graph says it in words and classifiers. */
export interface Raising {
  /** Strings of which one is enough: one entry for each `contains`, `contains_any`, `count` or `lexicon`. */
  readonly words: readonly Argument[];
  /** Features that a trained model gives. */
  readonly learned: readonly NodeId[];
}

const LEARNED: ReadonlySet<string> = new Set(['classifier', 'reward_model']);

/** Walks down from factors, minding signs: `not`, `-`, division and comparisons turn what is wanted around. */
export function raising(graph: ModelGraph, factors: readonly NodeId[]): Raising {
  const words: Argument[] = [];
  const learned: NodeId[] = [];
  const seen = new Set<string>();
  const visit = (id: NodeId, up: boolean): void => {
    if (seen.has(`${id} ${up}`)) return;
    seen.add(`${id} ${up}`);
    const node = graph.nodes[id];
    switch (node.kind) {
      case 'feature':
        if (LEARNED.has(node.name)) {
          if (up) learned.push(id);
        } else words.push(...countedWords(node.name, node.args, up));
        return;
      case 'test':
        if (up && (node.name === 'contains' || node.name === 'contains_any')) words.push(stringsOf(node.args));
        return;
      case 'indicator':
        return visit(node.event, up);
      case 'negate':
        return visit(node.of, !up);
      case 'not':
        return visit(node.of, !up);
      case 'and':
      case 'or':
        return node.of.forEach((part) => visit(part, up));
      case 'apply':
        return node.args.forEach((part) => visit(part, up));
      case 'summary':
        return visit(node.of, up);
      case 'ensemble':
        return node.members.forEach((part) => visit(part, up));
      case 'gaussian':
        return visit(node.mean, up);
      case 'compare':
        visit(node.left, isMore(node.op) === up);
        return visit(node.right, isMore(node.op) !== up);
      case 'arithmetic': {
        const turned = node.op === 'subtract' || node.op === 'divide';
        visit(node.left, up === isPositive(graph, node.right, node.op));
        return visit(node.right, (up !== turned) === isPositive(graph, node.left, node.op));
      }
      default:
        return;
    }
  };
  factors.forEach((id) => visit(id, true));
  return { words, learned };
}

const isMore = (op: ComparisonOperator): boolean => op !== '<' && op !== '<=';

/** Whether a product with this number keeps the sign of the other part. */
function isPositive(graph: ModelGraph, id: NodeId, op: string): boolean {
  const node = graph.nodes[id];
  const multiplies = op === 'multiply' || op === 'divide';
  if (!multiplies) return true;
  if (node.kind === 'negate') return !isPositive(graph, node.of, op);
  return node.kind !== 'number' || node.value >= 0;
}

function stringsOf(args: Arguments): Argument {
  return args['text'] ?? args['texts'] ?? args['list'] ?? { kind: 'list', items: [] };
}

/** `count` of a string; the words of a written lexicon whose weights have the sign that is wanted. */
function countedWords(name: string, args: Arguments, up: boolean): readonly Argument[] {
  if (name === 'count') return up ? [stringsOf(args)] : [];
  const weights = args['weights'];
  if (name !== 'lexicon' || weights?.kind !== 'record') return [];
  const wanted = weights.entries.filter(([, w]) => w.kind === 'number' && (up ? w.value > 0 : w.value < 0));
  return wanted.length === 0
    ? []
    : [{ kind: 'list', items: wanted.map(([word]) => ({ kind: 'string', value: word })) }];
}
