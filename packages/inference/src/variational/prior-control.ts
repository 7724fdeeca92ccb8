import type { UpdateInfo } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { choiceColumn, choiceOffsets, insistRowsFit } from './choices.ts';
import { priorRows } from './prior-rows.ts';
import type { Drawn, Training } from './training.ts';
import { ascendRows } from './update.ts';

/** The option `priorRows` of an engine whose objective has the prior in it. */
export const PRIOR_ROWS_HELP =
  'E_prior[∇ log π] from full rows of the prior along the texts, as control variate: less noise once the policy has moved; where rows are few numbers';

/** prior(x) / q(x) of each text. */
export const priorWeights = ({ logPrior, logQ }: Drawn): Float64Array => logPrior.map((l, i) => Math.exp(l - logQ[i]));

/**
 * One optimiser step along Σᵢ cᵢ ∇ log π(xᵢ) + E_π₀[∇ log π], with one coefficient a text or one a choice, where texts have the weights π₀/q in the second part, and
 *
 *   E_π₀[∇ log π] = E_π₀[Σₜ Σᵥ π₀(v | x<t) ∇ log π(v | x<t)]
 *
 * is exact at every prefix, −∇ KL(π₀ ‖ π) by tokens: it has no variance where the policy is the prior. An objective that has that
 * expectation in it takes it off its `coefficients` and is left with what the policy has moved, or the factors ask, beyond the prior.
 */
export function ascendBesidePrior(t: Training, drawn: Drawn, coefficients: Float64Array): Maybe<UpdateInfo> {
  const { batch } = drawn;
  insistRowsFit(batch, 'priorRows');
  const shares = priorWeights(drawn).map((a) => a / batch.size);
  return andThen(priorRows(t, drawn), (rows) => {
    const at = choiceOffsets(batch);
    const width = batch.vocabulary.size + 1;
    for (let i = 0; i < batch.size; i++) {
      for (let k = at[i] * width; k < at[i + 1] * width; k++) rows[k] = shares[i] * Math.exp(rows[k]);
      for (let j = at[i]; j < at[i + 1]; j++) {
        const c = coefficients[coefficients.length === batch.size ? i : j];
        rows[j * width + choiceColumn(batch, i, j - at[i], width)] += c;
      }
    }
    return ascendRows(t, drawn, rows);
  });
}
