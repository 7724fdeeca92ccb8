import { PostError } from '@postulate/graph';
import type { Draw } from '../../src/index.ts';

/** The error with which a run must end. */
export async function failure(work: Promise<unknown>): Promise<PostError> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  if (error instanceof PostError) return error;
  throw new Error(`expected a PostError, found ${String(error)}`);
}

/** Draws in a form in which those of two runs can be compared. */
export const plain = (draws: readonly Draw[]): unknown => draws.map((d) => ({ ...d, tokens: [...d.tokens] }));
