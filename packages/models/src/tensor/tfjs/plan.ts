import type { Elements, Node } from '../node.ts';
import { matMul, transpose } from '../operations.ts';
import { inOrder, type Program } from '../program.ts';

/** One operation of a plan: values are kept in numbered places. */
export interface Step {
  readonly node: Node;
  readonly inputs: readonly number[];
  readonly output: number;
  /** Places whose values nothing needs after this step. */
  readonly finished: readonly number[];
}

export interface Plan {
  readonly places: number;
  /** Calculated once, from constants and frozen inputs alone. */
  readonly once: readonly Step[];
  /** The frozen inputs' places, by name. */
  readonly frozen: ReadonlyMap<string, { readonly place: number; readonly node: Node }>;
  /** Calculated at each run. */
  readonly steps: readonly Step[];
  readonly inputs: ReadonlyMap<string, { readonly place: number; readonly node: Node }>;
  readonly outputs: ReadonlyMap<string, number>;
  /** Inputs that are used as ids, and how many rows they may name. */
  readonly bounds: readonly { readonly input: string; readonly rows: number }[];
}

export interface PlanOptions {
  readonly frozen: ReadonlyMap<string, Elements>;
  /** Transposed factors become operations of their own, for backends whose products read them slowly. */
  readonly explicitTransposes: boolean;
}

/** What to calculate in which order, and when each value can go. */
export function planOf(program: Program, { frozen, explicitTransposes }: PlanOptions): Plan {
  const names = Object.keys(program.outputs);
  const roots = explicitTransposes ? withTransposes(Object.values(program.outputs)) : Object.values(program.outputs);
  const place = new Map<Node, number>();
  const byOperation = new Map<Node['op'], number>();
  const fixed = new Set<number>();
  const drafts: Omit<Step, 'finished'>[] = [];
  const inputs = new Map<string, { place: number; node: Node }>();
  for (const node of inOrder(roots)) {
    // Nodes that differ in their hand-given derivative alone share the operation: calculated once.
    const at = byOperation.get(node.op) ?? byOperation.size;
    place.set(node, at);
    if (byOperation.has(node.op)) continue;
    byOperation.set(node.op, at);
    const from = node.inputs.map((input) => place.get(input) as number);
    if (node.op.kind === 'input') {
      inputs.set(node.op.name, { place: at, node });
      if (frozen.has(node.op.name)) fixed.add(at);
      continue;
    }
    if (from.every((p) => fixed.has(p))) fixed.add(at);
    drafts.push({ node, inputs: from, output: at });
  }
  const outputs = new Map(names.map((name, i) => [name, place.get(roots[i]) as number]));
  const kept = new Set(outputs.values());
  const [once, steps] = [drafts.filter((s) => fixed.has(s.output)), drafts.filter((s) => !fixed.has(s.output))];
  for (const step of steps) for (const p of step.inputs) if (fixed.has(p)) kept.add(p);
  const given = [...inputs].filter(([name]) => !frozen.has(name));
  return {
    places: byOperation.size,
    once: withEnds(once, kept),
    frozen: new Map([...inputs].filter(([name]) => frozen.has(name))),
    steps: withEnds(steps, new Set([...kept, ...given.map(([, i]) => i.place)])),
    inputs: new Map(given),
    outputs,
    bounds: boundsOf(drafts),
  };
}

/** Notes at each step the values that it is the last to need; those in `kept` stay. */
function withEnds(steps: readonly Omit<Step, 'finished'>[], kept: ReadonlySet<number>): readonly Step[] {
  const seen = new Set(kept);
  const backwards = [...steps].reverse().map((step) => {
    const finished = [...new Set([...step.inputs, step.output])].filter((p) => !seen.has(p));
    for (const p of finished) seen.add(p);
    return { ...step, finished };
  });
  return backwards.reverse();
}

function boundsOf(steps: readonly Omit<Step, 'finished'>[]): Plan['bounds'] {
  return steps.flatMap(({ node: { op, inputs } }) => {
    const rows = rowsNamed(op, inputs);
    let ids = inputs[1];
    while (rows !== undefined && ids.op.kind === 'reshape') ids = ids.inputs[0];
    return rows !== undefined && ids.op.kind === 'input' ? [{ input: ids.op.name, rows }] : [];
  });
}

/** How many rows or columns the ids of an operation choose from, where that is known before it runs. */
function rowsNamed(op: Node['op'], [table]: readonly Node[]): number | undefined {
  if (op.kind === 'scatterAdd') return op.rows;
  const size =
    op.kind === 'gather' ? table.shape[0] : op.kind === 'pick' || op.kind === 'addAt' ? table.shape[1] : 'none';
  return typeof size === 'number' ? size : undefined;
}

/** The same values with every transposed factor of a product as a node of its own, one for all the products that read it. */
function withTransposes(roots: readonly Node[]): readonly Node[] {
  const lowered = new Map<Node, Node>();
  const turned = new Map<Node, Node>();
  const factor = (x: Node, transposed: boolean): Node => {
    if (!transposed) return x;
    const axes = x.shape.map((_, i) => i);
    const node = turned.get(x) ?? transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
    turned.set(x, node);
    return node;
  };
  for (const node of inOrder(roots)) {
    const inputs = node.inputs.map((input) => lowered.get(input) as Node);
    const { op } = node;
    const plain = op.kind === 'matMul' && (op.transposeA || op.transposeB);
    lowered.set(
      node,
      plain ? matMul(factor(inputs[0], op.transposeA), factor(inputs[1], op.transposeB)) : { ...node, inputs },
    );
  }
  return roots.map((root) => lowered.get(root) as Node);
}
