import type { TokenMachine } from '../port/token-machine.ts';
import { coarsestStable, indexValues, onePartition, splitByValue, type Partition } from './refine.ts';

/**
 * The same function with the fewest states that equal outputs, finals and continuations allow, the fewest token
 * classes, and everything numbered in order of discovery: states breadth first from the start, classes by first token.
 */
export function canonicalTokenMachine(machine: TokenMachine): TokenMachine {
  const { states, classes } = machine;
  let initial = onePartition(states);
  const refine = (values: ArrayLike<number>) => {
    const { index, count } = indexValues(values);
    if (count > 1) initial = splitByValue(initial, index, count);
  };
  refine(machine.finalEnd);
  refine(machine.finalStop);
  if (machine.output !== undefined) {
    for (let c = 0; c < classes; c++) refine(column(machine.output, states, classes, c));
  }
  const compressed = compressClasses(quotient(machine, coarsestStable(states, classes, machine.next, initial)));
  // Once more for the numbers alone: the order of discovery follows the classes.
  const blockOf = Int32Array.from({ length: compressed.states }, (_, s) => s);
  return quotient(compressed, { blockOf, blocks: compressed.states });
}

function column(table: Float64Array, states: number, classes: number, c: number): Float64Array {
  return Float64Array.from({ length: states }, (_, s) => table[s * classes + c]);
}

/** One state a block, those that can be reached only. */
function quotient(machine: TokenMachine, { blockOf, blocks }: Partition): TokenMachine {
  const { classes } = machine;
  const sample = new Int32Array(blocks);
  blockOf.forEach((b, s) => (sample[b] = s));
  const number = new Int32Array(blocks).fill(-1);
  const order = [blockOf[machine.start]];
  number[order[0]] = 0;
  for (let i = 0; i < order.length; i++) {
    for (let c = 0; c < classes; c++) {
      const to = blockOf[machine.next[sample[order[i]] * classes + c]];
      if (number[to] === -1) number[to] = order.push(to) - 1;
    }
  }
  const next = new Int32Array(order.length * classes);
  const output = machine.output === undefined ? undefined : new Float64Array(order.length * classes);
  order.forEach((b, i) => {
    for (let c = 0; c < classes; c++) {
      const from = sample[b] * classes + c;
      next[i * classes + c] = number[blockOf[machine.next[from]]];
      if (output !== undefined && machine.output !== undefined) output[i * classes + c] = machine.output[from];
    }
  });
  const pick = (finals: Float64Array) => Float64Array.from(order, (b) => finals[sample[b]]);
  const finals = { finalEnd: pick(machine.finalEnd), finalStop: pick(machine.finalStop) };
  return { ...machine, states: order.length, start: 0, next, output, ...finals };
}

/** Merges classes that no state tells apart, and numbers them by their first token. Zero outputs are dropped. */
function compressClasses(machine: TokenMachine): TokenMachine {
  const { states, classes } = machine;
  let merged = onePartition(classes);
  for (let s = 0; s < states; s++) {
    for (const table of machine.output === undefined ? [machine.next] : [machine.next, machine.output]) {
      const { index, count } = indexValues(table.subarray(s * classes, (s + 1) * classes));
      if (count > 1) merged = splitByValue(merged, index, count);
    }
  }
  const number = new Int32Array(merged.blocks).fill(-1);
  const sample: number[] = [];
  const classOf = machine.classOf.map((c) => {
    const block = merged.blockOf[c];
    if (number[block] === -1) number[block] = sample.push(c) - 1;
    return number[block];
  });
  const width = sample.length;
  const next = new Int32Array(states * width);
  const output = machine.output?.some((w) => w !== 0) ? new Float64Array(states * width) : undefined;
  for (let s = 0; s < states; s++) {
    sample.forEach((c, k) => {
      next[s * width + k] = machine.next[s * classes + c];
      if (output !== undefined && machine.output !== undefined) output[s * width + k] = machine.output[s * classes + c];
    });
  }
  return { ...machine, classes: width, classOf, next, output };
}
