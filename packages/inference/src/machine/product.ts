import type { TokenMachine } from '@postulate/models';
import type { NoMachine } from '../port/index.ts';
import { commonClasses } from './classes.ts';
import { MAX_ENTRIES, noMachine } from './result.ts';

/** The part of a product of machines that can be reached from its start. */
export interface Product {
  readonly machines: readonly TokenMachine[];
  readonly states: number;
  readonly classes: number;
  readonly classOf: Int32Array;
  readonly next: Int32Array;
  /** states × machines: the state of each machine. State 0 is the start. */
  readonly parts: Int32Array;
  /** Per machine: its own class of each class. */
  readonly own: readonly Int32Array[];
}

/** Explores the product of `machines` from their starts, breadth first. */
export function product(machines: readonly TokenMachine[], maxStates: number): Product | NoMachine {
  const { classes, classOf, own } = commonClasses(machines);
  const width = machines.length;
  const ids = new Map<number | string, number>();
  const parts: number[] = [];
  const rows: Int32Array[] = [];
  const key = tupleKey(machines);
  const tuple = new Int32Array(width);
  const idOf = (): number => {
    const k = key(tuple);
    let id = ids.get(k);
    if (id === undefined) {
      ids.set(k, (id = ids.size));
      for (let i = 0; i < width; i++) parts.push(tuple[i]);
    }
    return id;
  };
  machines.forEach((m, i) => (tuple[i] = m.start));
  idOf();
  for (let s = 0; s < ids.size; s++) {
    if (ids.size > maxStates || (s + 1) * classes > MAX_ENTRIES) {
      return noMachine(`the product of its automata has more than ${Math.min(maxStates, ids.size)} states`);
    }
    const row = new Int32Array(classes);
    for (let c = 0; c < classes; c++) {
      for (let i = 0; i < width; i++) {
        const m = machines[i];
        tuple[i] = m.next[parts[s * width + i] * m.classes + own[i][c]];
      }
      row[c] = idOf();
    }
    rows.push(row);
  }
  const next = new Int32Array(rows.length * classes);
  rows.forEach((row, s) => next.set(row, s * classes));
  return { machines, states: rows.length, classes, classOf, next, parts: Int32Array.from(parts), own };
}

function tupleKey(machines: readonly TokenMachine[]): (tuple: Int32Array) => number | string {
  const total = machines.reduce((n, m) => n * m.states, 1);
  if (total > Number.MAX_SAFE_INTEGER) return (tuple) => tuple.join();
  return (tuple) => {
    let key = 0;
    for (let i = 0; i < machines.length; i++) key = key * machines[i].states + tuple[i];
    return key;
  };
}

/** Sums the outputs of the machines of a product, each times its coefficient; `undefined` where all are 0. */
export function combinedOutput(p: Product, coefficients: readonly number[]): Float64Array | undefined {
  const width = p.machines.length;
  if (p.machines.every((m, i) => m.output === undefined || coefficients[i] === 0)) return undefined;
  const output = new Float64Array(p.states * p.classes);
  p.machines.forEach((m, i) => {
    if (m.output === undefined || coefficients[i] === 0) return;
    for (let s = 0; s < p.states; s++) {
      const row = p.parts[s * width + i] * m.classes;
      for (let c = 0; c < p.classes; c++) output[s * p.classes + c] += coefficients[i] * m.output[row + p.own[i][c]];
    }
  });
  return output;
}

/** The finals of a product as a function of its machines' finals. */
export function combinedFinals(
  p: Product,
  finals: readonly Float64Array[],
  f: (values: readonly number[]) => number,
): Float64Array {
  const width = p.machines.length;
  const values = new Array<number>(width);
  return Float64Array.from({ length: p.states }, (_, s) => {
    for (let i = 0; i < width; i++) values[i] = finals[i][p.parts[s * width + i]];
    return f(values);
  });
}
