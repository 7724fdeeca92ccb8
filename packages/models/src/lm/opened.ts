import type { CausalModel } from '../neural/index.ts';
import type { Vocabulary } from '../port/index.ts';
import type { Decoder } from '../transformer/decoder.ts';

/** A neural model that is ready to be a prior: what runs it, and what its tokens are. */
export interface OpenedLm {
  readonly network: CausalModel;
  readonly vocabulary: Vocabulary;
  /** What every text begins with, before the prompt; at least one token unless there is a prompt. */
  readonly begin: Int32Array;
  encode(text: string): Int32Array | Promise<Int32Array>;
  /** There where the weights are ours to train. */
  readonly decoder?: Decoder;
}
