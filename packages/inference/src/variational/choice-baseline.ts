import { choiceOffsets } from './choices.ts';
import { OthersMeans } from './others-means.ts';
import { prefixStates } from './prefix-states.ts';
import type { Drawn, Training } from './training.ts';

/**
 * What each choice earns beyond what was to be expected before it: `earned` less the mean over the other texts whose choice at that
 * position was made in the same state of the factors' automaton, in the shares (π/q)²; where those are few, it is near the mean over all
 * at that position, and that near the mean over the texts of what their first choice earns. What is taken off depends on the prefix and
 * on other texts alone, so the gradient's mean stays.
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
  const { states } = prefixStates(machine, batch);
  const many = machine?.states ?? 1;
  const [inState, atPosition, ofTexts] = [new OthersMeans(), new OthersMeans(), new OthersMeans()];
  for (let i = from; i < to; i++) {
    const share = weights[i] ** 2;
    for (let j = at[i]; j < at[i + 1]; j++) {
      inState.add((j - at[i]) * many + states[j], share, out[j]);
      atPosition.add(j - at[i], share, out[j]);
      if (j === at[i]) ofTexts.add(0, share, out[j]);
    }
  }
  for (let i = from; i < to; i++) {
    const share = weights[i] ** 2;
    const usual = ofTexts.without(0, share, out[at[i]]) ?? 0;
    for (let j = at[i]; j < at[i + 1]; j++) {
      const atThis = atPosition.near(usual, j - at[i], share, out[j]);
      out[j] -= inState.near(atThis, (j - at[i]) * many + states[j], share, out[j]);
    }
  }
}
