import type { Maybe } from '../bind/maybe.ts';
import { gatherIntegers } from '../numeric/index.ts';

/** What moves on by one token per row. */
interface Advancing {
  advance(tokens: Int32Array): Maybe<void>;
  reorder(ancestors: Int32Array): void;
}

/** Tokens that were drawn but not yet read: a model is asked to go on only if something is to follow. */
export interface Pending {
  /** Reads the tokens drawn last, if any. */
  settle(): Maybe<void>;
  /** Remembers the tokens of the live rows. */
  drawn(live: Uint8Array, tokens: Int32Array): void;
  reorder(ancestors: Int32Array): void;
}

export function pendingTokens(parts: readonly Advancing[]): Pending {
  let waiting: Int32Array | undefined;
  let room: Int32Array | undefined;
  const from = (k: number, tokens: Int32Array): Maybe<void> => {
    for (let i = k; i < parts.length; i++) {
      const moved = parts[i].advance(tokens);
      if (moved instanceof Promise) return moved.then(() => from(i + 1, tokens));
    }
    return undefined;
  };
  return {
    settle() {
      if (waiting === undefined) return undefined;
      const tokens = waiting;
      waiting = undefined;
      return from(0, tokens);
    },
    drawn(live, tokens) {
      // Rows that have ended or died are given any token: their laws are never read again.
      waiting = room?.length === tokens.length ? room : (room = new Int32Array(tokens.length));
      for (let i = 0; i < tokens.length; i++) waiting[i] = live[i] === 1 && tokens[i] >= 0 ? tokens[i] : 0;
    },
    reorder(ancestors) {
      if (waiting !== undefined) waiting = gatherIntegers(waiting, ancestors);
      for (const part of parts) part.reorder(ancestors);
    },
  };
}
