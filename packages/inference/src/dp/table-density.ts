import { lookupOf, type PreparedTable } from './prepared-table.ts';

/** log probability of a sequence under a table with forced stop, nats. */
export function tableLogProb(p: PreparedTable): (tokens: ArrayLike<number>, finished: boolean) => number {
  const { table, rawEnd } = p;
  const lookup = lookupOf(table);
  return (tokens, finished) => {
    let h = table.start;
    let sum = 0;
    for (let i = 0; i < tokens.length; i++) {
      const k = lookup.find(h, tokens[i]);
      const raw = k === -1 ? 0 : lookup.factor * table.probs[k];
      if (raw === 0) return -Infinity;
      sum += Math.log(raw / (table.norm?.[h] ?? 1));
      h = table.targets[k];
    }
    return finished ? sum + Math.log(rawEnd[h] / (table.norm?.[h] ?? 1)) : sum;
  };
}
