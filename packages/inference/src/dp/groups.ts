import type { TokenMachine } from '@postulate/models';
import { isMachine, product, type Product } from '../machine/index.ts';
import type { BoundFunction, NoMachine } from '../port/index.ts';
import type { Backward } from './backward.ts';
import { liveCount } from './product-layers.ts';

/** Functions whose expectations are taken in one forward pass. `product.machines[i + 1]` is that of `functions[i]`. */
export interface Group {
  readonly functions: readonly BoundFunction[];
  readonly product: Product;
}

export interface Grouping {
  readonly groups: readonly Group[];
  /** Functions without a machine small enough, with the reason. */
  readonly refused: Readonly<Record<string, string>>;
}

/**
 * Puts functions into passes: together while one pass over their product visits no more than two passes would.
 * The first group also carries the entropy, and may hold no function.
 */
export function groupFunctions(
  b: Backward,
  functions: readonly BoundFunction[],
  budget: { readonly maxStates: number; readonly maxBytes: number },
): Grouping {
  const refused: Record<string, string> = {};
  const bare = product([b.machine], budget.maxStates) as Product;
  const groups: { functions: BoundFunction[]; product: Product; cost: number }[] = [
    { functions: [], product: bare, cost: liveCount(b, bare).total },
  ];
  const cellBytes = 16;
  for (const { f, machine } of withMachines(functions, refused)) {
    const alone = productWithin(b, [b.machine, machine], budget, cellBytes);
    if ('reason' in alone) {
      refused[f.name] = alone.reason;
      continue;
    }
    const joined = groups.some((group) => {
      const together = productWithin(b, [...group.product.machines, machine], budget, cellBytes);
      if ('reason' in together || together.cost > group.cost + alone.cost) return false;
      group.functions.push(f);
      group.product = together.product;
      group.cost = together.cost;
      return true;
    });
    if (!joined) groups.push({ functions: [f], ...alone });
  }
  return { groups, refused };
}

function withMachines(
  functions: readonly BoundFunction[],
  refused: Record<string, string>,
): readonly { readonly f: BoundFunction; readonly machine: TokenMachine }[] {
  const found: { f: BoundFunction; machine: TokenMachine }[] = [];
  for (const f of functions) {
    const machine = f.machine();
    if (isMachine(machine)) found.push({ f, machine });
    else refused[f.name] = machine.reason;
  }
  return found.sort((x, y) => x.machine.states - y.machine.states);
}

function productWithin(
  b: Backward,
  machines: readonly TokenMachine[],
  budget: { readonly maxStates: number; readonly maxBytes: number },
  cellBytes: number,
): { readonly product: Product; readonly cost: number } | NoMachine {
  const p = product(machines, budget.maxStates);
  if ('reason' in p) return p;
  const { total, widest } = liveCount(b, p);
  if (widest * cellBytes > budget.maxBytes) {
    return { reason: `its pass needs ${Math.ceil((widest * cellBytes) / 2 ** 20)} MiB` };
  }
  return { product: p, cost: total };
}
