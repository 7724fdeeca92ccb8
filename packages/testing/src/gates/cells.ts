/** Observed counts beside the probabilities they should have. */
export interface Cells {
  readonly observed: readonly number[];
  readonly expected: readonly number[];
  readonly total: number;
  /** Observations where the probability is zero. */
  readonly impossible: number;
}

interface Cell {
  observed: number;
  expected: number;
}

/** Small cells are gathered among themselves; what is left over joins the last gathering, else the smallest large cell. */
function pool(cells: readonly Cell[], minimum: number): Cell[] {
  const sorted = [...cells].sort((a, b) => a.expected - b.expected);
  const large = sorted.filter((c) => c.expected >= minimum);
  const groups: Cell[] = [];
  let open: Cell = { observed: 0, expected: 0 };
  const put = (into: Cell, cell: Cell) => {
    into.observed += cell.observed;
    into.expected += cell.expected;
  };
  for (const cell of sorted.slice(0, sorted.length - large.length)) {
    put(open, cell);
    if (open.expected < minimum) continue;
    groups.push(open);
    open = { observed: 0, expected: 0 };
  }
  const result = [...groups, ...large.map((c) => ({ ...c }))];
  if (open.expected === 0) return result;
  const host = groups.at(-1) ?? result[0];
  if (host === undefined) return [open];
  put(host, open);
  return result;
}

/**
 * Counts of named outcomes against exact probabilities (positive mass not listed is one more cell). Cells whose
 * expected count is below `minimum` are pooled, smallest first, until every cell reaches it.
 */
export function pooledCells(
  counts: ReadonlyMap<string, number>,
  probabilities: ReadonlyMap<string, number>,
  minimum: number,
): Cells {
  const total = [...counts.values()].reduce((a, b) => a + b, 0);
  const listed = [...probabilities.values()].reduce((a, b) => a + b, 0);
  const stray = [...counts].reduce((n, [key, count]) => ((probabilities.get(key) ?? 0) > 0 ? n : n + count), 0);
  const cells = [...probabilities]
    .filter(([, p]) => p > 0)
    .map(([key, p]) => ({ observed: counts.get(key) ?? 0, expected: p * total }));
  const rest = 1 - listed;
  const open = rest > 1e-9;
  if (open) cells.push({ observed: stray, expected: rest * total });
  const pooled = pool(cells, minimum);
  return {
    observed: pooled.map((c) => c.observed),
    expected: pooled.map((c) => c.expected),
    total,
    impossible: open ? 0 : stray,
  };
}

/** How often each key occurs. */
export function countBy<T>(items: Iterable<T>, key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
