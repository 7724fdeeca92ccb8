import { createHash } from 'node:crypto';

/** Texts to learn from and texts to judge by. */
export interface Split {
  readonly training: readonly string[];
  readonly heldOut: readonly string[];
}

/**
 * Keeps a share of the texts back. Which ones is decided by the hash of each text alone: equal texts stay on one side, and the split
 * does not depend on the order or on what else there is.
 */
export function splitTexts(texts: readonly string[], share: number): Split {
  const training: string[] = [];
  const heldOut: string[] = [];
  for (const text of texts) (position(text) < share ? heldOut : training).push(text);
  return { training, heldOut };
}

/** A number in [0, 1) that looks uniform. */
export function position(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}
