/** Number of single-character insertions, deletions, replacements and swaps of neighbours between two words. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, before[j - 2] + 1);
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}

/** ` Did you mean X?` for the nearest candidate within reach of a slip of the fingers, else the empty string. */
export function didYouMean(written: string, candidates: readonly string[]): string {
  const reach = Math.max(1, Math.floor(written.replace(/^-+/, '').length / 3));
  const ranked = candidates
    .map((name) => ({ name, distance: editDistance(written.toLowerCase(), name.toLowerCase()) }))
    .filter((c) => c.distance <= reach)
    .sort((x, y) => x.distance - y.distance);
  return ranked.length === 0 ? '' : ` Did you mean ${ranked[0].name}?`;
}
