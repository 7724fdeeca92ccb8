import type { SequenceBatch, TokenMachine } from '@postulate/models';
import { choiceOffsets } from './choices.ts';
import type { Drawn, Training } from './training.ts';

/** Shares, and what they are shares of, by key; whoever is in it can be left out again. */
export class OthersMeans {
  private readonly sums = new Map<number, { value: number; share: number }>();

  add(key: number, share: number, value: number): void {
    const known = this.sums.get(key);
    if (known === undefined) this.sums.set(key, { value: share * value, share });
    else {
      known.value += share * value;
      known.share += share;
    }
  }

  /** The mean of the others of a key; undefined where they have no share of it, or none but rounding. */
  without(key: number, share: number, value: number): number | undefined {
    const { value: sum, share: all } = this.sums.get(key)!;
    const others = all - share;
    return others > 1e-12 * all ? (sum - share * value) / others : undefined;
  }

  /** The same, drawn towards `usual` by a share of 1: a few others of small share would else speak for all of a key. */
  near(usual: number, key: number, share: number, value: number): number {
    const { value: sum, share: all } = this.sums.get(key)!;
    return (sum - share * value + usual) / (Math.max(0, all - share) + 1);
  }
}

/** What the factors' automaton knows before each choice of a batch: its state, and the sum of its outputs so far. */
function prefixes(machine: TokenMachine | undefined, batch: SequenceBatch) {
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

/**
 * What each choice earns beyond what was to be expected before it: `earned` less what its prefix had already of log φ, and less the mean
 * of the same over the other texts whose choice at that position was made in the same state of the factors' automaton, in the shares
 * (π/q)²; where those are few, it is near the mean over all at that position, and that near the mean over the texts of what their first
 * choice earns. What is taken off depends on the prefix and on other texts alone, so the gradient's mean stays; after a prefix that has
 * the reward, tokens are paid no more.
 */
export function choiceAdvantages(t: Training, drawn: Drawn, earned: Float64Array, weights: Float64Array): Float64Array {
  const out = earned.slice();
  for (const group of drawn.groups) groupAdvantages(t, drawn, group, weights, out);
  return out;
}

function groupAdvantages(
  t: Training,
  { batch }: Drawn,
  { law, from, to }: Drawn['groups'][number],
  weights: Float64Array,
  out: Float64Array,
): void {
  const at = choiceOffsets(batch);
  const { machine } = t.logFactor[law];
  const { states, gained } = prefixes(machine, batch);
  const many = machine?.states ?? 1;
  const [inState, atPosition, ofTexts] = [new OthersMeans(), new OthersMeans(), new OthersMeans()];
  for (let i = from; i < to; i++) {
    const share = weights[i] ** 2;
    for (let j = at[i]; j < at[i + 1]; j++) {
      out[j] -= gained[j];
      inState.add((j - at[i]) * many + states[j], share, out[j]);
      atPosition.add(j - at[i], share, out[j]);
      if (j === at[i]) ofTexts.add(0, share, out[j]);
    }
  }
  for (let i = from; i < to; i++) {
    const share = weights[i] ** 2;
    const first = out[at[i]];
    for (let j = at[i]; j < at[i + 1]; j++) {
      const usual = ofTexts.without(0, share, first) ?? 0;
      const atThis = atPosition.near(usual, j - at[i], share, out[j]);
      out[j] -= inState.near(atThis, (j - at[i]) * many + states[j], share, out[j]);
    }
  }
}
