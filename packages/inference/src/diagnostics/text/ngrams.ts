/** A sequence of token ids. */
export type Tokens = ArrayLike<number>;

/** Key of the n tokens from `start` on; equal keys are equal n-grams. */
export function ngramKey(tokens: Tokens, start: number, n: number): string {
  let key = String(tokens[start]);
  for (let i = start + 1; i < start + n; i++) key += ` ${tokens[i]}`;
  return key;
}

/** How often each n-gram occurs in a sequence. */
export function countNgrams(tokens: Tokens, n: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const key = ngramKey(tokens, i, n);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}
