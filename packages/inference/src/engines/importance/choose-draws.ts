import { normaliseWeights } from '../../diagnostics/index.ts';
import type { Draw } from '../../port/index.ts';
import { shuffle, systematicResample } from '../../resampling/index.ts';
import type { ImportanceState } from './state.ts';
import { smoothedWeights } from './weights.ts';

/** Draws for handing out: resampled ones have no weight left. */
export function chooseDraws(s: ImportanceState): readonly Draw[] {
  if (s.request.draws === 0) return [];
  const weights = normaliseWeights(smoothedWeights(s).logWeights);
  if (weights.every((w) => w === 0)) return [];
  const picked = systematicResample(weights, s.request.draws, s.chooser.split('resample'));
  // Without a shuffle equal texts would stand together; an enumerating chooser is spared the orders.
  const order = s.chooser.uniform ? shuffle(picked, s.chooser.split('order')) : picked;
  return Array.from(order, (i) => ({ ...s.proposals.draw(i), logWeight: 0 }));
}
