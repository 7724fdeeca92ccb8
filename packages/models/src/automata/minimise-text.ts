import { coarsestStable, indexValues, onePartition, splitByValue } from './refine.ts';
import type { TextMachine } from './text-machine.ts';

/** The smallest event automaton with the same language; states in order of discovery from the start. */
export function minimiseText(machine: TextMachine): TextMachine {
  const reached = reachable(machine);
  const values = indexValues(reached.final);
  const initial = splitByValue(onePartition(reached.states), values.index, values.count);
  const { blockOf, blocks } = coarsestStable(reached.states, machine.alphabet.size, reached.next, initial);
  return reachable(quotient(reached, blockOf, blocks));
}

function quotient(machine: TextMachine, blockOf: Int32Array, blocks: number): TextMachine {
  const width = machine.alphabet.size;
  const next = new Int32Array(blocks * width);
  const final = new Float64Array(blocks);
  blockOf.forEach((b, s) => {
    final[b] = machine.final[s];
    for (let c = 0; c < width; c++) next[b * width + c] = blockOf[machine.next[s * width + c]];
  });
  return { ...machine, states: blocks, start: blockOf[machine.start], next, final };
}

/** Drops what cannot be reached and numbers the rest breadth first from the start, classes in order. */
export function reachable(machine: TextMachine): TextMachine {
  const width = machine.alphabet.size;
  const number = new Int32Array(machine.states).fill(-1);
  const order = [machine.start];
  number[machine.start] = 0;
  for (let i = 0; i < order.length; i++) {
    for (let c = 0; c < width; c++) {
      const to = machine.next[order[i] * width + c];
      if (number[to] === -1) number[to] = order.push(to) - 1;
    }
  }
  const next = new Int32Array(order.length * width);
  order.forEach((s, i) => {
    for (let c = 0; c < width; c++) next[i * width + c] = number[machine.next[s * width + c]];
  });
  const final = Float64Array.from(order, (s) => machine.final[s]);
  return { ...machine, states: order.length, start: 0, next, final };
}
