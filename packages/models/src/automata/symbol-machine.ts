/**
 * A weighted machine over symbols 0 … width − 1, as `TextMachine` is over the classes of code points: what tokens are read by,
 * symbol after symbol, whether symbols stand for characters or for bytes.
 */
export interface SymbolMachine {
  readonly width: number;
  readonly states: number;
  readonly start: number;
  /** states × width. */
  readonly next: Int32Array;
  /** states × width; absent for events. */
  readonly output: Float64Array | undefined;
  readonly final: Float64Array;
  readonly divisor: number;
}

/** The tokens of a vocabulary as symbols, flat: token v is `symbols[offsets[v] … offsets[v + 1])`. */
export interface SpelledTokens {
  readonly symbols: Uint16Array;
  readonly offsets: Int32Array;
  /** What is read in front of every token but the first. */
  readonly separator: readonly number[];
}
