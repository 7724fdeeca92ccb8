import type { Backward } from './backward.ts';

/** How the values of a state at a position are indexed; those of settled states are shared and over all contexts. */
export function slotAt(b: Pick<Backward, 'plan' | 'domains'>, t: number, state: number): Int32Array | undefined {
  return b.plan.kinds[t * b.plan.states + state] === 'live' ? b.domains[state].slot : undefined;
}

/** One step of the recursion as seen from one state: what each class leads to and by which factor. */
export interface StepWeights {
  /** Per class: values at the next position, `ones` where the factor is 0. */
  readonly sources: readonly Float64Array[];
  /** Per class: how its source is indexed; by context where undefined. */
  readonly slots: readonly (Int32Array | undefined)[];
  readonly factors: Float64Array;
  /** Weight of the end of the sequence. */
  readonly end: number;
  /** Whether a positive weight came out as 0. */
  readonly lost: boolean;
}

/** Factors relative to `exp(reference)`. */
export function stepWeights(
  b: Omit<Backward, 'recomputed' | 'lost'>,
  ones: Float64Array,
  t: number,
  s: number,
  reference: number,
): StepWeights {
  const { machine, values, logScale, plan } = b;
  const factors = new Float64Array(machine.classes);
  const sources = new Array<Float64Array>(machine.classes).fill(ones);
  const slots = new Array<Int32Array | undefined>(machine.classes).fill(undefined);
  let lost = false;
  for (let c = 0; c < machine.classes; c++) {
    const arc = s * machine.classes + c;
    const after = (t + 1) * plan.states + machine.next[arc];
    const source = values[after];
    if (source === undefined) continue;
    sources[c] = source;
    slots[c] = slotAt(b, t + 1, machine.next[arc]);
    const log = (machine.output?.[arc] ?? 0) + logScale[after] - reference;
    factors[c] = Math.exp(log);
    lost ||= factors[c] === 0 && log > -Infinity;
  }
  const logEnd = b.prepared.canEnd ? machine.finalEnd[s] - reference : -Infinity;
  const end = Math.exp(logEnd);
  lost ||= end === 0 && logEnd > -Infinity;
  return { sources, slots, factors, end, lost };
}
