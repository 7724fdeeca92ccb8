import type { UpdateInfo } from '@postulate/models';
import type { Maybe } from '../../bind/index.ts';
import {
  ascendRows,
  choiceColumn,
  choiceOffsets,
  eachChoice,
  type Control,
  type Drawn,
  type Training,
} from '../../variational/index.ts';

/**
 * One optimiser step along the gradient with a law c near p as control variate. With weights p/q,
 *
 *   E_p[∇ log π] = E_q[(p/q − c/q) ∇ log π] + E_c[∇ log π],   E_c[∇ log π] = E_c[Σₜ Σᵥ c(v | x<t) ∇ log π(v | x<t)],
 *
 * of which the second part is exact at every prefix, −∇ KL(c ‖ π) by tokens. Uses up the rows of c.
 */
export function stepBeside(t: Training, drawn: Drawn, control: Control, weights: Float64Array): Maybe<UpdateInfo> {
  const { batch } = drawn;
  const { size } = batch;
  const { rows } = control;
  const { shares, beyond } = shareOut(drawn, control, weights);
  const at = choiceOffsets(batch);
  const width = batch.vocabulary.size + 1;
  for (let i = 0; i < size; i++) {
    for (let j = at[i]; j < at[i + 1]; j++) {
      for (let k = j * width; k < (j + 1) * width; k++) rows[k] = (shares[j] / size) * Math.exp(rows[k]);
      rows[j * width + choiceColumn(batch, i, j - at[i], width)] += beyond[j] / size;
    }
  }
  return ascendRows(t, drawn, rows);
}

/**
 * What is left to the rows and to the token drawn at each choice. Once log φ is settled the posterior goes on as the prior, and where c
 * does, its rows are all there is to say: E_p[1{settled} ∇ log π(v)] = E_p[1{settled} Σᵥ π₀(v) ∇ log π(v)].
 */
function shareOut({ batch }: Drawn, { weights: controlled, settled }: Control, weights: Float64Array) {
  const shares = eachChoice(batch, controlled);
  const beyond = eachChoice(batch, weights);
  for (let j = 0; j < shares.length; j++) {
    if (settled?.[j] === 1) [shares[j], beyond[j]] = [beyond[j], 0];
    else beyond[j] -= shares[j];
  }
  return { shares, beyond };
}
