/**
 * The pieces that byte-level BPE never merges across, GPT-2's: English contractions, then a run of letters, of digits or of other
 * visible characters, each with at most one space in front, then white space. Every character lies in exactly one piece.
 */
export const PIECE = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/** How often each piece occurs in the texts, in order of first appearance. */
export function countPieces(texts: Iterable<string>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const piece of text.match(PIECE) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return counts;
}
