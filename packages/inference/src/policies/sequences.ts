import type { SequenceBatch } from '@postulate/models';

/** Whether a sequence has a length that the forced stop allows (`language.md` 5). */
export function possibleLength(batch: SequenceBatch, row: number, maxTokens: number): boolean {
  const length = batch.offsets[row + 1] - batch.offsets[row];
  return batch.finished[row] === 1 ? length < maxTokens : length === maxTokens;
}

let made = 0;

/** An id that no other policy of this process has: what a twist knows is not in its name. */
export function policyId(prior: string, what: string): string {
  return `${prior}~${what}#${++made}`;
}
