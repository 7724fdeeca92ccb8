import type { SequenceBatch } from '../port/sequences.ts';
import type { TokenMachine } from '../port/token-machine.ts';

/** The machine's value of each sequence of a batch, read off the tokens: no string is made. */
export function runMachine(machine: TokenMachine, batch: SequenceBatch): Float64Array {
  const { start, classes, classOf, next, output, finalEnd, finalStop } = machine;
  const { size, tokens, offsets, finished } = batch;
  const values = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let state = start;
    let sum = 0;
    const end = offsets[i + 1];
    if (output === undefined) {
      for (let t = offsets[i]; t < end; t++) state = next[state * classes + classOf[tokens[t]]];
    } else {
      for (let t = offsets[i]; t < end; t++) {
        const cell = state * classes + classOf[tokens[t]];
        sum += output[cell];
        state = next[cell];
      }
    }
    values[i] = sum + (finished[i] === 1 ? finalEnd : finalStop)[state];
  }
  return values;
}
