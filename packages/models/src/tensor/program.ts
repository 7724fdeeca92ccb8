import type { Node } from './node.ts';

/** Named results of named inputs. */
export interface Program {
  readonly inputs: Readonly<Record<string, Node>>;
  readonly outputs: Readonly<Record<string, Node>>;
}

/** The program that calculates `outputs`: its inputs are the `input` nodes that they need. */
export function program(outputs: Readonly<Record<string, Node>>): Program {
  const inputs: Record<string, Node> = {};
  for (const node of inOrder(Object.values(outputs))) {
    if (node.op.kind !== 'input') continue;
    const { name } = node.op;
    if (name in inputs && inputs[name] !== node) throw new Error(`two inputs are called ${name}`);
    inputs[name] = node;
  }
  // The ONNX format has one space of names for both.
  const both = Object.keys(outputs).find((name) => name in inputs);
  if (both !== undefined) throw new Error(`an input and an output are both called ${both}`);
  return { inputs, outputs };
}

/** Every node that `outputs` need, each after what it needs itself. */
export function inOrder(outputs: readonly Node[]): readonly Node[] {
  const order = new Set<Node>();
  const open = [...outputs].reverse().map((node) => ({ node, entered: false }));
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    if (order.has(top.node)) continue;
    if (top.entered) {
      order.add(top.node);
      continue;
    }
    open.push({ node: top.node, entered: true });
    for (const node of top.node.inputs) if (!order.has(node)) open.push({ node, entered: false });
  }
  return [...order];
}
