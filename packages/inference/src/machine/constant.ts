import type { TokenMachine } from '@postulate/models';

/** The machine of one state whose value is `value` for every sequence. `value` is finite or `-Infinity`. */
export function constantMachine(vocabularySize: number, value: number): TokenMachine {
  return {
    vocabularySize,
    states: 1,
    start: 0,
    classes: 1,
    classOf: new Int32Array(vocabularySize),
    next: new Int32Array(1),
    output: undefined,
    finalEnd: Float64Array.of(value),
    finalStop: Float64Array.of(value),
  };
}

/** The event "the sequence ended by an end-of-sequence token". */
export function finishedMachine(vocabularySize: number): TokenMachine {
  return { ...constantMachine(vocabularySize, 1), finalStop: Float64Array.of(0) };
}

/** The score "number of tokens". */
export function lengthMachine(vocabularySize: number): TokenMachine {
  return { ...constantMachine(vocabularySize, 0), output: Float64Array.of(1) };
}
