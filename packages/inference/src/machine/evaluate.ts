import type { SequenceBatch, TokenMachine } from '@postulate/models';

/** The machine's value on one sequence; `tokens[from … to)` are its tokens. */
export function machineValue(
  machine: TokenMachine,
  tokens: ArrayLike<number>,
  finished: boolean,
  from = 0,
  to = tokens.length,
): number {
  const { classes, classOf, next, output } = machine;
  let state = machine.start;
  let value = 0;
  for (let i = from; i < to; i++) {
    const arc = state * classes + classOf[tokens[i]];
    if (output !== undefined) value += output[arc];
    state = next[arc];
  }
  return value + (finished ? machine.finalEnd : machine.finalStop)[state];
}

/** The machine's value on every sequence of a batch. */
export function machineValues(machine: TokenMachine, batch: SequenceBatch): Float64Array {
  return Float64Array.from({ length: batch.size }, (_, i) =>
    machineValue(machine, batch.tokens, batch.finished[i] === 1, batch.offsets[i], batch.offsets[i + 1]),
  );
}
