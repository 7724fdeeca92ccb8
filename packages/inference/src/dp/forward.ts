import type { Product } from '../machine/index.ts';
import type { Progress } from '../port/index.ts';
import { commonest, entryClasses, placeOf, stepWeights, type Backward } from './backward.ts';
import { entropyTerms } from './entropy-terms.ts';
import type { ForwardMass } from './forward-mass.ts';
import { priorTerms, push, pushSettled, settledPriorTerms, spread, type Pass } from './forward-rows.ts';

/** `product.machines[0]` must be the machine of `b`. */
export function* forward(b: Backward, product: Product, withEntropy: boolean): Generator<Progress, ForwardMass> {
  const { prepared, plan } = b;
  const pass: Pass = {
    b,
    product,
    entryClass: entryClasses(prepared, product.classOf, product.classes),
    usual: commonest(product.classOf, product.classes),
    terms: withEntropy ? entropyTerms(prepared) : undefined,
    ones: new Float64Array(prepared.contexts).fill(1),
    usage: new Float64Array(prepared.contexts),
    fallen: withEntropy ? new Float64Array(prepared.contexts) : undefined,
    logBackoff: withEntropy ? prepared.table.backoff.map(Math.log) : prepared.table.backoff,
    ended: new Float64Array(product.states),
    read: new Float64Array(product.states * product.classes),
    logPrior: 0,
  };
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
  for (const [p, mass] of layer) for (let h = 0; h < mass.length; h++) stopped[p] += mass[h];
  const { ended, read } = pass;
  const total = ended.reduce((a, x) => a + x, 0) + stopped.reduce((a, x) => a + x, 0);
  return { product, ended, stopped, read, logPrior: withEntropy ? pass.logPrior : NaN, total };
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

function step(
  pass: Pass,
  t: number,
  p: number,
  mass: Float64Array,
  after: Map<number, Float64Array>,
  spare: SparePool,
): void {
  const { b, product, ones } = pass;
  const width = product.machines.length;
  const state = product.parts[p * width];
  const domain = b.domains[state];
  const own = stepWeights(b, ones, t, state, b.logScale[t * b.plan.states + state]);
  const { classes } = product;
  const factors = new Float64Array(classes);
  const sources = new Array<Float64Array>(classes);
  const sinks = new Array<Float64Array>(classes).fill(ones);
  const slots = new Array<Int32Array | undefined>(classes).fill(undefined);
  for (let c = 0; c < classes; c++) {
    const mine = product.own[0][c];
    factors[c] = own.factors[mine];
    sources[c] = own.sources[mine];
    if (factors[c] === 0) continue;
    const next = product.next[p * classes + c];
    const target = b.domains[product.parts[next * width]];
    let sink = after.get(next);
    if (sink === undefined) after.set(next, (sink = spare.take(target.contexts.length)));
    sinks[c] = sink;
    slots[c] = target.slot;
  }
  spread(pass, domain, mass, p, own.end);
  const read = pass.read.subarray(p * classes, (p + 1) * classes);
  if (b.plan.kinds[t * b.plan.states + state] === 'constant') {
    pushSettled(pass, domain, { factors, sources, sinks, slots }, read);
    if (pass.terms !== undefined) pass.logPrior += settledPriorTerms(b.prepared, domain, mass);
    return;
  }
  push(pass, domain, { factors, sources, sinks, slots }, read);
  if (pass.fallen !== undefined) pass.logPrior += priorTerms(pass, domain, t, state, mass, own.end);
}
