/** Edit distance with neighbouring swaps (optimal string alignment), in code units. */
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

export interface Candidate {
  readonly name: string;
  /** Is it the kind of thing that is wanted here; breaks ties. */
  readonly fits: boolean;
}

/** The closest name, if one is close enough to be a slip: a third of its letters, at most 3. Case hardly counts. */
export function nearest(name: string, candidates: Iterable<Candidate>): string | undefined {
  const limit = Math.min(3, Math.max(1, Math.floor(name.length / 3)));
  let best: { readonly name: string; readonly cost: number } | undefined;
  for (const c of candidates) {
    if (c.name === name || Math.abs(c.name.length - name.length) > limit) continue;
    const sameLetters = c.name.toLowerCase() === name.toLowerCase();
    const distance = sameLetters ? 0.25 : editDistance(name, c.name);
    // A slip keeps a letter: no name of one letter is a misspelling of another.
    if (distance > limit || distance >= Math.max(name.length, c.name.length)) continue;
    const cost = distance + (c.fits ? 0 : 0.5);
    if (!best || cost < best.cost || (cost === best.cost && c.name < best.name)) best = { name: c.name, cost };
  }
  return best?.name;
}

/** `nearest` among names of one kind. */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  return nearest(
    name,
    Array.from(names, (n) => ({ name: n, fits: true })),
  );
}
