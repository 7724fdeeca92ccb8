import {
  betaBinomialLoss,
  bradleyTerryLoss,
  categoricalLoss,
  gaussianLoss,
  labelLoss,
  type LossAt,
  meanVarianceLoss,
} from './losses.ts';
import type { Example, RewardKind } from './kinds.ts';

export interface ObjectiveOptions {
  /** Weight of (r_w + r_l)² for `bt`. */
  readonly centring: number;
  /** Weight of the entropies for `categorical`. */
  readonly entropyBonus: number;
}

export const OBJECTIVE_DEFAULTS: ObjectiveOptions = { centring: 0.01, entropyBonus: 0.01 };

/** The loss of one example; `row` gives the outputs at a text. Throws where kind and example do not go together. */
export function lossAt(
  kind: RewardKind,
  example: Example,
  row: (text: number) => readonly number[],
  options: ObjectiveOptions = OBJECTIVE_DEFAULTS,
): LossAt {
  if (example.kind === 'pair') return pairLoss(kind, row(example.chosen), row(example.rejected), options);
  const outputs = row(example.text);
  if (kind === 'label' && example.kind === 'label') return labelLoss(outputs, example.label);
  if (kind === 'gaussian' && example.kind === 'rating') return gaussianLoss(outputs, example.rating);
  if (kind === 'beta' && example.kind === 'approvals') return betaBinomialLoss(outputs, example.approvals, example.of);
  throw new TypeError(`a head of kind ${kind} does not learn from a ${example.kind}`);
}

function pairLoss(kind: RewardKind, w: readonly number[], l: readonly number[], options: ObjectiveOptions): LossAt {
  if (kind === 'bt') return bradleyTerryLoss(w, l, options.centring);
  if (kind === 'dpl') return meanVarianceLoss(w, l);
  if (kind === 'categorical') return categoricalLoss(w, l, options.entropyBonus);
  throw new TypeError(`a head of kind ${kind} does not learn from pairs`);
}
