/**
 * A finite-state language model in the back-off form, flat typed arrays. Every finite-state prior is one:
 * a Markov chain given in full stores every row and never backs off.
 *
 * The raw weight of word w (or of the end of sequence, whose word id is `vocabularySize`) after context h is
 * `probs[k]` if w = words[k] for some k in row h, else `backoff[h] · raw(w | parent[h])`, and 0 where `parent[h]` is −1.
 * The probability is `raw(w | h) / norm[h]` (norm 1 where absent).
 * After w the model is in `targets[k]` if stored, else where `parent[h]` would go.
 */
export interface BackoffTable {
  readonly vocabularySize: number;
  readonly contexts: number;
  /** Context before the first token. */
  readonly start: number;
  /** Where a text without a prompt starts, if `start` is where a prompt has led to. */
  readonly origin?: number | undefined;
  /** Length contexts + 1: row h is `rowStart[h] … rowStart[h + 1]`. */
  readonly rowStart: Int32Array;
  /** Ascending within a row. */
  readonly words: Int32Array;
  /** Raw weights, linear scale. */
  readonly probs: Float64Array;
  /** Context reached; −1 for the end of sequence. */
  readonly targets: Int32Array;
  readonly backoff: Float64Array;
  /** The shortened context; −1 where there is none. A parent's index may be larger or smaller than its child's. */
  readonly parent: Int32Array;
  readonly norm: Float64Array | undefined;
  /** True where raw(w | h) ≥ backoff[h] · raw(w | parent[h]) for all stored w, as interpolation gives. */
  readonly interpolated: boolean;
}
