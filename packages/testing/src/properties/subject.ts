import {
  claimsIn,
  leftmostPrior,
  type Claim,
  type EventNode,
  type GraphNode,
  type ModelGraph,
  type NodeId,
  type Property,
  reachable,
  referencesOf,
  type ScoreNode,
} from '@postulate/graph';

/** What a pointwise property ranges over, with events made up to look for counterexamples. */
export interface Subject {
  /** The file's graph and the events added below. */
  readonly graph: ModelGraph;
  readonly texts: readonly string[];
  /** The distribution whose texts these are. */
  readonly over: NodeId;
  /** Where `forall … in d` restricts the texts to the support of d. */
  readonly domain: NodeId | undefined;
  /** All that the claim reads, so that it can be bound. */
  readonly nodes: readonly NodeId[];
  /** Distributions whose densities the claim reads. */
  readonly densities: readonly NodeId[];
  /** Distributions that the property speaks of, the domain first. */
  readonly distributions: readonly NodeId[];
  /** What the hard factors of the domain ask, as one event; undefined where they ask nothing. */
  readonly admitted: NodeId | undefined;
  /** Holds exactly for counterexamples, as far as hard factors go; where the claim is an event of one text. */
  readonly violation: NodeId | undefined;
}

/** Appends nodes to a graph. */
class Builder {
  readonly nodes: GraphNode[];

  constructor(graph: ModelGraph) {
    this.nodes = [...graph.nodes];
  }

  event(body: EventNode): NodeId {
    this.nodes.push({ ...body, type: 'event' });
    return this.nodes.length - 1;
  }

  score(body: ScoreNode): NodeId {
    this.nodes.push({ ...body, type: 'score' });
    return this.nodes.length - 1;
  }
}

function scoreOf(b: Builder, c: Claim): NodeId | undefined {
  switch (c.kind) {
    case 'number':
      return b.score({ kind: 'number', value: c.value });
    case 'at':
      return b.nodes[c.node].type === 'score' && b.nodes[c.node].kind !== 'logProb' ? c.node : undefined;
    case 'arithmetic': {
      const [left, right] = [scoreOf(b, c.left), scoreOf(b, c.right)];
      return left === undefined || right === undefined
        ? undefined
        : b.score({ kind: 'arithmetic', op: c.op, left, right });
    }
    case 'negate': {
      const of = scoreOf(b, c.of);
      return of === undefined ? undefined : b.score({ kind: 'negate', of });
    }
    default:
      return undefined;
  }
}

function junction(b: Builder, kind: 'and' | 'or', claims: readonly Claim[]): NodeId | undefined {
  const of = claims.map((c) => eventOf(b, c));
  const known = of.filter((id) => id !== undefined);
  return known.length < of.length ? undefined : b.event({ kind, of: known });
}

function negation(b: Builder, id: NodeId | undefined): NodeId | undefined {
  return id === undefined ? undefined : b.event({ kind: 'not', of: id });
}

/** A claim about one text as an event; undefined where it is none. */
function eventOf(b: Builder, c: Claim): NodeId | undefined {
  switch (c.kind) {
    case 'boolean':
      return b.event({ kind: 'boolean', value: c.value });
    case 'at':
      return b.nodes[c.node].type === 'event' ? c.node : undefined;
    case 'compare': {
      const [left, right] = [scoreOf(b, c.left), scoreOf(b, c.right)];
      return left === undefined || right === undefined
        ? undefined
        : b.event({ kind: 'compare', op: c.op, left, right });
    }
    case 'not':
      return negation(b, eventOf(b, c.of));
    case 'and':
    case 'or':
      return junction(b, c.kind, c.of);
    case 'implies': {
      const [left, right] = [negation(b, eventOf(b, c.left)), eventOf(b, c.right)];
      return left === undefined || right === undefined ? undefined : b.event({ kind: 'or', of: [left, right] });
    }
    default:
      return undefined;
  }
}

/** Events that the hard factors of a distribution ask for. */
export function hardEvents(graph: Pick<ModelGraph, 'nodes'>, id: NodeId): readonly NodeId[] {
  const node = graph.nodes[id];
  if (node.kind === 'tempered') return hardEvents(graph, node.base);
  if (node.kind !== 'posterior') return [];
  const asked = node.factors.flatMap((f): readonly NodeId[] => {
    const factor = graph.nodes[f];
    return factor.kind === 'indicator' ? [factor.event] : [];
  });
  return [...hardEvents(graph, node.base), ...asked];
}

/** The distributions that a claim, or the file, speaks of. */
function distributionsOf(graph: ModelGraph, property: Property): readonly NodeId[] {
  const { forall, claim } = property;
  const spoken = referencesOf(claim).flatMap((id): readonly NodeId[] => {
    const node = graph.nodes[id];
    if (node.type === 'distribution') return [id];
    return node.kind === 'logProb' ? [node.distribution] : [];
  });
  const named = [...(forall?.in === undefined ? [] : [forall.in]), ...spoken];
  if (named.length > 0) return [...new Set(named)];
  const inside = [...reachable(graph, referencesOf(claim))].filter((id) => graph.nodes[id].type === 'distribution');
  if (inside.length > 0) return inside.slice(0, 1);
  const outputs = graph.outputs.filter((o) => o.type === 'distribution').map((o) => o.node);
  const posteriors = outputs.filter((id) => graph.nodes[id].kind === 'posterior');
  return [...posteriors, ...outputs].slice(0, 1);
}

function densitiesOf(graph: ModelGraph, claim: Claim): readonly NodeId[] {
  return [...claimsIn(claim)].flatMap((c): readonly NodeId[] => {
    if (c.kind === 'ratio') return [c.distribution];
    if (c.kind !== 'at') return [];
    const node = graph.nodes[c.node];
    return node.kind === 'logProb' ? [node.distribution] : [];
  });
}

/** Prepares a property with a `forall`; undefined where the file has no distribution, and so no texts, to speak of. */
export function subjectOf(graph: ModelGraph, property: Property): Subject | undefined {
  const distributions = distributionsOf(graph, property);
  const texts = property.forall?.texts ?? [];
  const domain = property.forall?.in;
  const over = distributions[0];
  if (over === undefined) return undefined;
  const b = new Builder(graph);
  const asked = domain === undefined ? [] : hardEvents(graph, domain);
  const admitted =
    asked.length === 0 ? undefined : asked.length === 1 ? asked[0] : b.event({ kind: 'and', of: [...new Set(asked)] });
  const broken = texts.length === 1 ? negation(b, eventOf(b, property.claim)) : undefined;
  const violation =
    broken === undefined || admitted === undefined ? broken : b.event({ kind: 'and', of: [admitted, broken] });
  return {
    graph: { ...graph, nodes: b.nodes },
    texts,
    over,
    domain,
    nodes: referencesOf(property.claim),
    densities: densitiesOf(graph, property.claim),
    distributions,
    admitted,
    violation,
  };
}

/** The prior that a distribution starts from, by name or as it is written. */
export const priorOf = leftmostPrior;
