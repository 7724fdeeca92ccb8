/** Number of insertions, deletions and replacements between two short strings (Levenshtein 1966). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** The name that was probably meant, if any is close. */
export function closest(name: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(name.length / 3));
  const ranked = known.map((k) => ({ k, distance: editDistance(name.toLowerCase(), k.toLowerCase()) }));
  ranked.sort((a, b) => a.distance - b.distance);
  return ranked.length > 0 && ranked[0].distance <= most ? ranked[0].k : undefined;
}
