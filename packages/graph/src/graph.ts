import type { Property } from './claim.ts';
import type { Range } from './range.ts';
import type { Span } from './span.ts';

/** Index of a node in `ModelGraph.nodes`. A node refers only to nodes with a smaller index. */
export type NodeId = number;

/** A constant of the file, as builtins take it; `context` and `data` are resolved when the graph is bound. */
export type Argument =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'list'; readonly items: readonly Argument[] }
  | { readonly kind: 'record'; readonly entries: readonly (readonly [string, Argument])[] }
  /** A list of strings that lives outside the file: `wordlist(…)`, `lines(…)`, `corpus(…)`. */
  | { readonly kind: 'data'; readonly source: 'wordlist' | 'lines' | 'corpus'; readonly name: string }
  /** The string that the context variable `name` takes. */
  | { readonly kind: 'context'; readonly name: string };

export type Arguments = Readonly<Record<string, Argument>>;

export type ArithmeticOperator = 'add' | 'subtract' | 'multiply' | 'divide' | 'power';
export type ComparisonOperator = '<' | '<=' | '>' | '>=' | '==' | '!=';
export type ScoreFunction = 'exp' | 'log' | 'sqrt' | 'abs' | 'min' | 'max' | 'clamp' | 'sigmoid' | 'log_sigmoid';

/** Functions Text → ℝ. Where an operand is a random score, `type` says `random` and the node is one too. */
export type ScoreNode =
  /** `param` names the param whose value this is; it does not enter the hash. */
  | { readonly kind: 'number'; readonly value: number; readonly param?: string }
  /** A builtin function of the text: `length`, `count`, `lexicon`, `classifier`, … */
  | { readonly kind: 'feature'; readonly name: string; readonly args: Arguments }
  | { readonly kind: 'arithmetic'; readonly op: ArithmeticOperator; readonly left: NodeId; readonly right: NodeId }
  | { readonly kind: 'negate'; readonly of: NodeId }
  | { readonly kind: 'apply'; readonly fn: ScoreFunction; readonly args: readonly NodeId[] }
  | { readonly kind: 'choose'; readonly condition: NodeId; readonly then: NodeId; readonly else: NodeId }
  | { readonly kind: 'indicator'; readonly event: NodeId }
  /** Unnormalised log density of the token sequence under a distribution. */
  | { readonly kind: 'logProb'; readonly distribution: NodeId }
  | {
      readonly kind: 'summary';
      readonly fn: 'mean' | 'sd' | 'lower' | 'quantile';
      readonly of: NodeId;
      readonly parameter?: number;
    }
  | { readonly kind: 'externScore'; readonly name: string; readonly module: string };

/** Functions Text → distribution over ℝ. One node is one random draw: shared where the node is shared. */
export type RandomNode =
  | { readonly kind: 'ensemble'; readonly members: readonly NodeId[] }
  | { readonly kind: 'gaussian'; readonly mean: NodeId; readonly sd: NodeId };

/** Functions Text → Bool. */
export type EventNode =
  | { readonly kind: 'boolean'; readonly value: boolean }
  /** A builtin event: `contains`, `contains_any`, `starts_with`, `ends_with`, `matches`, `finds`, `finished`. */
  | { readonly kind: 'test'; readonly name: string; readonly args: Arguments }
  | { readonly kind: 'compare'; readonly op: ComparisonOperator; readonly left: NodeId; readonly right: NodeId }
  | { readonly kind: 'not'; readonly of: NodeId }
  | { readonly kind: 'and' | 'or'; readonly of: readonly NodeId[] }
  | { readonly kind: 'externEvent'; readonly name: string; readonly module: string };

/** One moment constraint: E(score) or P(event), compared with a number. */
export interface Moment {
  readonly of: NodeId;
  readonly relation: '=' | '<=' | '>=';
  readonly value: number;
  readonly span?: Span;
}

/** Measures over texts. */
export type DistributionNode =
  /** A builtin prior: `tabular`, `bigram`, `ngram`, `arpa`, `lm`, `fitted`. */
  | { readonly kind: 'prior'; readonly name: string; readonly args: Arguments }
  /** Weights are non-negative and sum to one. */
  | { readonly kind: 'mixture'; readonly components: readonly NodeId[]; readonly weights: readonly number[] }
  /**
   * base(x) · Π factors(x) · exp(Σ λᵢ fᵢ(x)). Factors are non-negative scores; the moments are those of the whole.
   * `base` is a prior, mixture or tempered node, or a posterior that has moments (others are flattened into this one).
   */
  | {
      readonly kind: 'posterior';
      readonly base: NodeId;
      readonly factors: readonly NodeId[];
      readonly moments: readonly Moment[];
    }
  /** base(x) ^ exponent, exponent > 0, over whole sequences. */
  | { readonly kind: 'tempered'; readonly base: NodeId; readonly exponent: number };

export type NodeType = 'score' | 'random' | 'event' | 'distribution';

export type GraphNode = (ScoreNode | RandomNode | EventNode | DistributionNode) & {
  readonly type: NodeType;
  /** For scores: where the values lie, as far as the file alone says. For externs: the declared range. */
  readonly range?: Range;
  readonly span?: Span;
  /** Name of the binding this node is the value of, for messages and printing; not part of the hash. */
  readonly label?: string;
};

export type NodeKind = GraphNode['kind'];
export type NodeOf<K extends NodeKind> = Extract<GraphNode, { readonly kind: K }>;

/** A named value of the file. Named scores and events are reported as expectations. */
export interface Output {
  readonly name: string;
  readonly node: NodeId;
  readonly type: NodeType;
  readonly doc?: string;
  readonly span?: Span;
}

export interface ParamInfo {
  readonly name: string;
  readonly value: number;
  readonly range?: Range;
  readonly span?: Span;
}

export interface ContextInfo {
  readonly name: string;
  /** A list of strings or a `data` argument. */
  readonly values: Argument;
  readonly span?: Span;
}

/** What a `.post` file means: a directed acyclic graph, in topological order. */
export interface ModelGraph {
  readonly version: 1;
  /** Name of the file. */
  readonly source: string;
  readonly nodes: readonly GraphNode[];
  readonly outputs: readonly Output[];
  readonly params: readonly ParamInfo[];
  readonly contexts: readonly ContextInfo[];
  readonly properties: readonly Property[];
}

/** Ids of the nodes that `node` reads directly, in order. */
export function operands(node: GraphNode): readonly NodeId[] {
  switch (node.kind) {
    case 'number':
    case 'feature':
    case 'externScore':
    case 'boolean':
    case 'test':
    case 'externEvent':
    case 'prior':
      return [];
    case 'arithmetic':
    case 'compare':
      return [node.left, node.right];
    case 'negate':
    case 'summary':
    case 'not':
      return [node.of];
    case 'and':
    case 'or':
      return node.of;
    case 'apply':
      return node.args;
    case 'choose':
      return [node.condition, node.then, node.else];
    case 'indicator':
      return [node.event];
    case 'logProb':
      return [node.distribution];
    case 'ensemble':
      return node.members;
    case 'gaussian':
      return [node.mean, node.sd];
    case 'mixture':
      return node.components;
    case 'posterior':
      return [node.base, ...node.factors, ...node.moments.map((m) => m.of)];
    case 'tempered':
      return [node.base];
    default:
      return node satisfies never;
  }
}

/** Every distribution that can be run: `posterior` and `tempered` outputs first choice, see `language.md` §5. */
export function posteriorOutputs(graph: ModelGraph): readonly Output[] {
  return graph.outputs.filter((o) => {
    const kind = graph.nodes[o.node].kind;
    return kind === 'posterior' || kind === 'tempered';
  });
}

/** The builtin prior at the far left of a distribution. */
export function leftmostPrior(graph: ModelGraph, id: NodeId): NodeId {
  const node = graph.nodes[id];
  if (node.kind === 'posterior' || node.kind === 'tempered') return leftmostPrior(graph, node.base);
  return id;
}

/** Every node that `roots` are made of, themselves included. */
export function reachable(graph: ModelGraph, roots: readonly NodeId[]): ReadonlySet<NodeId> {
  const seen = new Set<NodeId>();
  const pending = [...roots];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    pending.push(...operands(graph.nodes[id]));
  }
  return seen;
}
