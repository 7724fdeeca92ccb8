import type { Product } from '../machine/index.ts';
import type { Progress } from '../port/index.ts';
import type { Backward } from './backward.ts';
import { placeOf } from './domains.ts';
import { pushAll } from './forward-cells.ts';
import type { ForwardMass } from './forward-mass.ts';
import { passOf, type Moves, type Pass, type Standing } from './forward-pass.ts';
import { normTerms, settledPriorTerms } from './forward-prior.ts';
import { pushSome } from './forward-rows.ts';
import { stepWeights, type StepWeights } from './step-weights.ts';

/** `product.machines[0]` must be the machine of `b`. */
export function* forward(b: Backward, product: Product, withEntropy: boolean): Generator<Progress, ForwardMass> {
  const { prepared, plan } = b;
  const pass = passOf(b, product, withEntropy);
  let layer = new Map<number, Float64Array>();
  const first = b.values[b.machine.start];
  if (first !== undefined) {
    const { contexts, slot } = b.domains[b.machine.start];
    const mass = new Float64Array(contexts.length);
    const start = placeOf(slot, prepared.table.start);
    mass[start] = 1 / first[start];
    layer.set(0, mass);
  }
  const spare = sparePool();
  for (let t = 0; t < plan.maxTokens; t++) {
    const after = new Map<number, Float64Array>();
    for (const [p, mass] of layer) {
      step(pass, t, p, mass, after, spare);
      spare.keep(mass);
    }
    layer = after;
    yield { phase: 'forward pass', draws: 0, wanted: 0, tokens: t + 1 };
  }
  const stopped = new Float64Array(product.states);
  for (const [p, mass] of layer) addAll(mass, stopped, p);
  const { ended, read } = pass;
  const total = ended.reduce((a, x) => a + x, 0) + stopped.reduce((a, x) => a + x, 0);
  return { product, ended, stopped, read, logPrior: withEntropy ? pass.logPrior : NaN, total };
}

/** Adds all of `numbers` to one of `sums`. */
function addAll(numbers: Float64Array, sums: Float64Array, index: number): void {
  for (let i = 0; i < numbers.length; i++) sums[index] += numbers[i];
}

/** Working arrays that are used again once they are done with. */
interface SparePool {
  take(size: number): Float64Array;
  keep(array: Float64Array): void;
}

function sparePool(): SparePool {
  const bySize = new Map<number, Float64Array[]>();
  return {
    take: (size) => bySize.get(size)?.pop()?.fill(0) ?? new Float64Array(size),
    keep: (array) => {
      const same = bySize.get(array.length);
      if (same === undefined) bySize.set(array.length, [array]);
      else same.push(array);
    },
  };
}

/** Takes the mass of product state `p` at position `t` one token further. */
function step(
  pass: Pass,
  t: number,
  p: number,
  mass: Float64Array,
  after: Map<number, Float64Array>,
  spare: SparePool,
): void {
  const { b, product } = pass;
  const state = product.parts[p * product.machines.length];
  const at = t * b.plan.states + state;
  const settled = b.plan.kinds[at] === 'constant';
  const standing: Standing = { domain: b.domains[state], mass, values: b.values[at] ?? pass.ones };
  const own = stepWeights(b, pass.ones, t, state, b.logScale[at]);
  const moves = movesOf(pass, p, own, after, spare);
  const push = standing.domain.slot === undefined ? pushAll : pushSome;
  push(pass, standing, moves, settled ? undefined : pass.terms);
  if (pass.terms !== undefined) {
    pass.logPrior += settled ? settledPriorTerms(b.prepared, standing) : normTerms(b.prepared, standing);
  }
}

/** The machine's step by the product's classes, with the arrays of `after` that they fill. */
function movesOf(
  { b, product, ones, read }: Pass,
  p: number,
  own: StepWeights,
  after: Map<number, Float64Array>,
  spare: SparePool,
): Moves {
  const { classes, machines, parts, next } = product;
  const factors = new Float64Array(classes);
  const sources = new Array<Float64Array>(classes).fill(ones);
  const sinks = new Array<Float64Array>(classes).fill(ones);
  const slots = new Array<Int32Array | undefined>(classes).fill(undefined);
  for (let c = 0; c < classes; c++) {
    const mine = product.own[0][c];
    factors[c] = own.factors[mine];
    if (factors[c] === 0) continue;
    sources[c] = own.sources[mine];
    const to = next[p * classes + c];
    const target = b.domains[parts[to * machines.length]];
    let sink = after.get(to);
    if (sink === undefined) after.set(to, (sink = spare.take(target.contexts.length)));
    sinks[c] = sink;
    slots[c] = target.slot;
  }
  return { ...own, factors, sources, sinks, slots, state: p, read: read.subarray(p * classes, (p + 1) * classes) };
}
