import type { SequenceBatch } from '../port/sequences.ts';
import type { TokenMachine } from '../port/token-machine.ts';

/** The machine's value of each sequence of a batch, read off the tokens: no string is made. */
export function runMachine(machine: TokenMachine, batch: SequenceBatch): Float64Array {
  const { classes, classOf, next, output } = machine;
  const values = new Float64Array(batch.size);
  for (let i = 0; i < batch.size; i++) {
    let state = machine.start;
    let sum = 0;
    for (let t = batch.offsets[i]; t < batch.offsets[i + 1]; t++) {
      const cell = state * classes + classOf[batch.tokens[t]];
      if (output !== undefined) sum += output[cell];
      state = next[cell];
    }
    values[i] = sum + (batch.finished[i] === 1 ? machine.finalEnd : machine.finalStop)[state];
  }
  return values;
}
