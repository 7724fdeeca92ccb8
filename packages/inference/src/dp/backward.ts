import type { TokenMachine } from '@postulate/models';
import type { Progress } from '../port/index.ts';
import type { Domain } from './domains.ts';
import type { LayerPlan } from './layer-plan.ts';
import type { PreparedTable } from './prepared-table.ts';
import { stepWeights } from './step-weights.ts';
import { sweep, sweeperOf } from './sweep.ts';

/**
 * Total weight of all continuations, for every position, context and machine state:
 * `exp(logScale[t][s]) · values[t][s][slot of context]`. Entry (t, s) is at `t · states + s`; `values` is undefined where
 * the state is dead or not reached there, and shared ones where the state is settled.
 */
export interface Backward {
  readonly prepared: PreparedTable;
  readonly machine: TokenMachine;
  readonly plan: LayerPlan;
  readonly values: readonly (Float64Array | undefined)[];
  readonly logScale: Float64Array;
  /** Per state: the contexts it goes with, and how its `values` are indexed. */
  readonly domains: readonly Domain[];
  /** Whether some weight was too small beside another to be held in one double, and counts as 0. */
  readonly lost: boolean;
  /** Sums that had to be taken over the whole vocabulary because differences cancelled. */
  readonly recomputed: number;
}

/** log of the total weight of all sequences; `-Infinity` where there is none. */
export function logTotal(b: Backward): number {
  const values = b.values[b.machine.start];
  return values === undefined ? -Infinity : b.logScale[b.machine.start] + Math.log(values[b.prepared.table.start]);
}

/** Runs the recursion from the last position to the first, in the number of stored entries per live state. */
export function* backward(
  prepared: PreparedTable,
  machine: TokenMachine,
  plan: LayerPlan,
  domains: readonly Domain[],
): Generator<Progress, Backward> {
  const size = (plan.maxTokens + 1) * plan.states;
  const values = new Array<Float64Array | undefined>(size);
  const logScale = new Float64Array(size).fill(-Infinity);
  const ones = new Float64Array(prepared.contexts).fill(1);
  const result = { prepared, machine, plan, values, logScale, domains, recomputed: 0, lost: false };
  const sweeper = sweeperOf(prepared, machine);
  for (let t = plan.maxTokens; t >= 0; t--) {
    for (let s = 0; s < plan.states; s++) {
      const at = t * plan.states + s;
      if (plan.kinds[at] === 'constant') {
        values[at] = ones;
        logScale[at] = plan.constants[at];
      } else if (plan.kinds[at] === 'live') {
        const reference = largestLog(result, t, s);
        if (reference === -Infinity) continue;
        const step = stepWeights(result, ones, t, s, reference);
        result.lost ||= step.lost;
        const layer = new Float64Array(domains[s].contexts.length);
        sweep(sweeper, domains[s], step, layer);
        const scale = normalise(layer);
        if (scale === 0) continue;
        values[at] = layer;
        logScale[at] = reference + Math.log(scale);
      }
    }
    yield { phase: 'backward pass', draws: 0, wanted: 0, tokens: plan.maxTokens - t };
  }
  result.recomputed = sweeper.recomputed;
  return result;
}

function largestLog(b: Omit<Backward, 'recomputed' | 'lost'>, t: number, s: number): number {
  const { machine, plan, logScale } = b;
  let largest = b.prepared.canEnd ? machine.finalEnd[s] : -Infinity;
  for (let c = 0; c < machine.classes; c++) {
    const arc = s * machine.classes + c;
    largest = Math.max(largest, (machine.output?.[arc] ?? 0) + logScale[(t + 1) * plan.states + machine.next[arc]]);
  }
  return largest;
}

function normalise(layer: Float64Array): number {
  // In an array, since a local number would be put on the heap.
  const most = new Float64Array(1);
  for (let h = 0; h < layer.length; h++) if (layer[h] > most[0]) most[0] = layer[h];
  const largest = most[0];
  if (largest > 0) for (let h = 0; h < layer.length; h++) layer[h] /= largest;
  return largest;
}
