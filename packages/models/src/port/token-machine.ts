/**
 * A deterministic weighted machine over the tokens of a vocabulary. Reading x₁…x_T from `start`,
 *
 *   value(x) = Σₜ output[s_{t−1}, class(x_t)] + (finished ? finalEnd : finalStop)[s_T].
 *
 * An event is a machine without outputs whose finals are 0 or 1; an additive score has outputs; any function of
 * finitely many values has them in the finals. `-Infinity` is legal (it makes the value `-Infinity`), NaN and +∞ are not.
 * Tokens are grouped into classes that all states treat alike, so tables are states × classes.
 */
export interface TokenMachine {
  readonly vocabularySize: number;
  readonly states: number;
  readonly start: number;
  readonly classes: number;
  /** Class of each token, length `vocabularySize`. */
  readonly classOf: Int32Array;
  /** states × classes. */
  readonly next: Int32Array;
  /** states × classes; absent where every output is 0. */
  readonly output: Float64Array | undefined;
  /** Value added when the sequence ends by an end-of-sequence token, per state. */
  readonly finalEnd: Float64Array;
  /** Value added when it is stopped at `maxTokens`, per state. */
  readonly finalStop: Float64Array;
}
