import type { SequenceBatch, TokenMachine } from '@postulate/models';
import { settledValues } from '../machine/index.ts';
import { choiceOffsets } from './choices.ts';
import { rowsFrom } from './draw.ts';
import type { Drawn, Training } from './training.ts';

/** What the factors' automaton knows before each choice of a batch: its state, and the sum of its outputs so far. */
export function prefixStates(machine: TokenMachine | undefined, batch: SequenceBatch) {
  const at = choiceOffsets(batch);
  const states = new Int32Array(at[batch.size]);
  const gained = new Float64Array(at[batch.size]);
  if (machine === undefined) return { states, gained };
  for (let i = 0; i < batch.size; i++) {
    let state = machine.start;
    let sum = 0;
    for (let j = at[i]; j < at[i + 1]; j++) {
      states[j] = state;
      gained[j] = sum;
      const k = batch.offsets[i] + j - at[i];
      if (k === batch.offsets[i + 1]) continue;
      const arc = state * machine.classes + machine.classOf[batch.tokens[k]];
      sum += machine.output?.[arc] ?? 0;
      state = machine.next[arc];
    }
  }
  return { states, gained };
}

/** What each choice's prefix has of log φ already, as far as the automata of the factors tell. */
export function gainedBefore(t: Training, { batch, groups }: Drawn): Float64Array {
  const at = choiceOffsets(batch);
  const out = new Float64Array(at[batch.size]);
  for (const { law, from, to } of groups) {
    const { gained } = prefixStates(t.logFactor[law].machine, rowsFrom(batch, from, to));
    out.set(gained, at[from]);
  }
  return out;
}

/**
 * 1 for each choice before which log φ is settled, as far as the factors' automata tell, for what is wanted is there or comes too late:
 * the posterior goes on from there as the prior does, and so do all choices that follow.
 */
export function settledChoices(t: Training, { batch, groups }: Drawn): Uint8Array {
  const at = choiceOffsets(batch);
  const out = new Uint8Array(at[batch.size]);
  for (const { law, from, to } of groups) {
    const { machine, whole } = t.logFactor[law];
    if (machine === undefined || whole !== true) continue;
    const { maxTokens } = t.targets[law].prior;
    const { states } = prefixStates(machine, batch);
    for (let i = from; i < to; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        if (!Number.isNaN(settledValues(machine, maxTokens - (j - at[i]))[states[j]])) out[j] = 1;
      }
    }
  }
  return out;
}
