import { type ModelGraph, type NodeId, nodeText, reachable, referencesOf, type Span } from '@postulate/graph';
import type { TextEvaluator } from '@postulate/inference';
import type { TextBatch } from '@postulate/models';

/** What generated texts made of one part of a definition. */
export interface Exercised {
  readonly node: NodeId;
  /** A clause of an event, the condition of an `if`, or a factor that is not an indicator. */
  readonly what: 'clause' | 'branch' | 'factor';
  readonly text: string;
  readonly span?: Span | undefined;
  /** Texts for which it held and did not; for a factor, for which it was above and at or below its smallest value. */
  readonly yes: number;
  readonly no: number;
}

export interface CoverageReport {
  /** Parts that were exercised both ways, and those that were not, in the order of the file. */
  readonly parts: readonly Exercised[];
  readonly both: number;
}

interface Part {
  readonly what: Exercised['what'];
  yes: number;
  no: number;
  lowest: number;
}

const CLAUSES: ReadonlySet<string> = new Set(['test', 'compare', 'externEvent']);

/** The parts of the definitions that posteriors and properties are made of. */
function partsOf(graph: ModelGraph): Map<NodeId, Part> {
  const posteriors = graph.outputs.filter((o) => o.type === 'distribution').map((o) => o.node);
  const spoken = graph.properties.flatMap((p) => referencesOf(p.claim));
  const all = [...reachable(graph, [...posteriors, ...spoken])].sort((a, b) => a - b);
  const found = new Map<NodeId, Part>();
  const add = (id: NodeId, what: Part['what']): void => {
    if (!found.has(id)) found.set(id, { what, yes: 0, no: 0, lowest: Infinity });
  };
  for (const id of all) {
    const node = graph.nodes[id];
    if (CLAUSES.has(node.kind)) add(id, 'clause');
    if (node.kind === 'choose') add(node.condition, 'branch');
    if (node.kind !== 'posterior') continue;
    for (const f of node.factors) {
      const { kind } = graph.nodes[f];
      if (kind !== 'indicator' && kind !== 'number') add(f, 'factor');
    }
  }
  return found;
}

/** Counts which parts of a file's definitions the generated texts exercise both ways. */
export class Coverage {
  private readonly parts: Map<NodeId, Part>;

  constructor(private readonly graph: ModelGraph) {
    this.parts = partsOf(graph);
  }

  /** Looks at what `roots` are made of, on these texts. What cannot be evaluated everywhere is left out. */
  async observe(evaluator: TextEvaluator, roots: readonly NodeId[], batch: TextBatch): Promise<void> {
    for (const id of reachable(evaluator.graph, roots)) {
      const part = this.parts.get(id);
      if (part === undefined) continue;
      try {
        const values = await (part.what === 'factor' ? evaluator.logValue(id, batch) : evaluator.value(id, batch));
        for (const v of values) count(part, v);
      } catch {
        // Parts of an `if` need not have a value where the other branch is taken.
      }
    }
  }

  report(): CoverageReport {
    const parts = [...this.parts].map(
      ([node, { what, yes, no }]): Exercised => ({
        node,
        what,
        text: nodeText(this.graph, node),
        span: this.graph.nodes[node].span,
        yes,
        no,
      }),
    );
    return { parts, both: parts.filter((p) => p.yes > 0 && p.no > 0).length };
  }
}

function count(part: Part, value: number): void {
  if (part.what !== 'factor') {
    if (value !== 0) part.yes++;
    else part.no++;
    return;
  }
  // A factor is exercised once it took two values.
  if (value < part.lowest && part.lowest < Infinity) part.yes++;
  else if (value > part.lowest) part.yes++;
  else part.no++;
  part.lowest = Math.min(part.lowest, value);
}

