/** A linear classifier of the mean of a model's last hidden states. */
export interface LinearClassifier {
  /** Names the model whose hidden states it reads, as `Steerable.states` does. */
  readonly states: string;
  readonly labels: number;
  /** labels × width. */
  readonly score: Float32Array;
  readonly bias: Float32Array;
  /** The label that is wanted. */
  readonly label: number;
}

/** What a text is pushed towards while it is written, one token at a time. */
export type SteeringGoal =
  /** Tokens of each bag should be likely: Σ over the bags of −log of the bag's probability is made small. */
  | { readonly kind: 'bag'; readonly bags: readonly ArrayLike<number>[] }
  /** A linear classifier of the mean hidden state should say `label`. */
  | ({ readonly kind: 'classifier' } & Omit<LinearClassifier, 'states'>);

/**
 * A change of the keys and values of everything that was read before the last token: two arrays a layer, keys then values, each
 * rows × heads × positions × size.
 */
export type PastChange = readonly Float32Array[];

/** A batch of texts that grow over a past that can be changed. All rows are at one position. */
export interface SteeredSession {
  /** Shape of each array of a change, as of now; no positions where nothing was read before the last token. */
  readonly past: { readonly layers: number; readonly heads: number; readonly positions: number; readonly size: number };
  /** log prior of the next token, rows × (V + 1), the end last; nats. Nothing changes it. */
  readonly logPrior: Float32Array | Float64Array;
  /** The loss of each row over the changed past, nats, and its derivative by each number of the change. */
  slopes(change: PastChange): Promise<{ readonly loss: Float32Array; readonly slopes: PastChange }>;
  /** log of the law of the next token over the changed past, rows × (V + 1), nats. What follows `advance` keeps the change. */
  law(change: PastChange): Promise<Float32Array>;
  /** Every row reads one token. The change of the last `law` stays in its past. */
  advance(tokens: Int32Array): Promise<void>;
  dispose(): void;
}

/** A model whose past can be pushed by gradients. */
export interface Steerable {
  /** Names the model whose hidden states are pushed: equal names mean that a classifier of one is a classifier of the other. */
  readonly states: string;
  /** The tokens that write exactly this string at the start of a text and after others; none where no single token does. */
  singleTokens(text: string): readonly number[];
  /** Starts `rows` texts. `klScale` weighs KL(changed law ‖ prior) in the loss. */
  openSteered(rows: number, goal: SteeringGoal, klScale: number): Promise<SteeredSession>;
}
