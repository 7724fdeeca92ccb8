import { subBatch } from '../bind/sub-batch.ts';
import type { Drawn, Group } from './training.ts';

/** The same texts in the order of their targets, so that each target is one group. */
export function mergeGroups(drawn: Drawn): Drawn {
  const laws = [...new Set(drawn.groups.map((g) => g.law))].sort((a, b) => a - b);
  if (laws.length === 1) {
    return { ...drawn, groups: [{ law: laws[0], from: 0, to: drawn.batch.size }] };
  }
  const order: number[] = [];
  const groups: Group[] = laws.map((law) => {
    const from = order.length;
    for (const g of drawn.groups) if (g.law === law) for (let i = g.from; i < g.to; i++) order.push(i);
    return { law, from, to: order.length };
  });
  const rows = Int32Array.from(order);
  const column = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i]);
  return {
    batch: subBatch(drawn.batch, rows),
    groups,
    laws: drawn.laws === undefined ? undefined : Int32Array.from(rows, (i) => drawn.laws![i]),
    logQ: column(drawn.logQ),
    logPrior: column(drawn.logPrior),
    logFactor: column(drawn.logFactor),
  };
}
