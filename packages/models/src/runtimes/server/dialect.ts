import type { RuntimeAbilities, Rows } from '../../neural/index.ts';
import type { Vocabulary } from '../../port/index.ts';
import type { Shaping } from '../../priors/shaping.ts';

/** A text that a server drew; `logProb` is what it reports, summed over the tokens and the end, nats. */
export interface ServerDraw {
  readonly tokens: Int32Array;
  readonly finished: boolean;
  readonly logProb: number;
}

/** A completions server, asked in the form that it understands. Ids are the server's. */
export interface Dialect {
  /** Which protocol it speaks, for people. */
  readonly kind: 'vLLM' | 'llama-server';
  /** Names server and model. */
  readonly id: string;
  readonly abilities: RuntimeAbilities;
  readonly vocabulary: Vocabulary;
  /** The id that ends a text: below the vocabulary's size where the model has such a token, else equal to it. */
  readonly end: number;
  /** Most tokens that a sequence can read. */
  readonly positions: number;
  /** What a text begins with, and then the prompt; may be empty where neither is anything. */
  encode(prompt: string): Promise<Int32Array>;
  /** Draws `n` continuations of `prefix`. */
  draw(
    prefix: Int32Array,
    n: number,
    maxTokens: number,
    shaping: Shaping,
    seed: number,
  ): Promise<readonly ServerDraw[]>;
  /** Whole laws of what follows each prefix, rows × (size + 1), nats; there where `abilities.next` is `all`. */
  laws(prefixes: readonly Int32Array[]): Promise<Rows>;
  /** log p of the tokens of each sequence from place `from` on, nats, the end included where it is written out. */
  score(sequences: readonly Int32Array[], from: number): Promise<readonly number[]>;
}
