import type { UpdateInfo } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import {
  ascendRows,
  choiceAdvantages,
  choiceColumn,
  choiceOffsets,
  controlOf,
  divergenceRow,
  logGamma,
  sumsAfter,
  tokenKls,
  type Control,
  type Controls,
  type Drawn,
  type Training,
} from '../../variational/index.ts';

/**
 * One optimiser step along the gradient of J by way of a law c of which there are full rows:
 *
 *   J = E_π[log γ − log c] − KL(π ‖ c),   KL(π ‖ c) = E_π[Σₜ KL(π(· | x<t) ‖ c(· | x<t))].
 *
 * The divergence is taken exactly token by token along the texts (Rao-Blackwellised; Amini, Vieira & Cotterell 2025): a row's own gradient
 * in closed form, and what a token does to the rows behind it by the score function. What is left to whole texts is log γ/c: log φ where
 * c is the prior, and next to constant where c is near the posterior. Where c goes on as the prior does once log φ is settled, a choice
 * behind that earns nothing of it.
 */
export function stepByRows(t: Training, drawn: Drawn, controls: Controls, weights: Float64Array): Maybe<UpdateInfo> {
  return andThen(controlOf(t, drawn, controls), (control) =>
    andThen(t.policy.rows(drawn.batch, drawn.laws), (logPi) => {
      const { rows } = control;
      const { batch } = drawn;
      const at = choiceOffsets(batch);
      const width = batch.vocabulary.size + 1;
      const earned = sumsAfter(batch, tokenKls(logPi, rows, at[batch.size], width)).map((later) => -later);
      addBeyond(earned, drawn, control, weights);
      const advantages = choiceAdvantages(t, drawn, earned, weights);
      for (let i = 0; i < batch.size; i++) {
        const share = weights[i] / batch.size;
        // What the policy cannot write says nothing.
        if (share === 0) rows.fill(0, at[i] * width, at[i + 1] * width);
        for (let j = at[i]; j < at[i + 1] && share > 0; j++) {
          divergenceRow(rows, logPi, j * width, width, share);
          rows[j * width + choiceColumn(batch, i, j - at[i], width)] += share * advantages[j];
        }
      }
      return ascendRows(t, drawn, rows);
    }),
  );
}

/** log γ/c of a text, less what was known of it before, to each of its choices that is made before log φ is settled. */
function addBeyond(earned: Float64Array, drawn: Drawn, { logs, settled, known }: Control, weights: Float64Array): void {
  const at = choiceOffsets(drawn.batch);
  for (let i = 0; i < drawn.batch.size; i++) {
    let beyond = logGamma(drawn, i);
    for (let j = at[i]; j < at[i + 1]; j++) beyond -= logs[j];
    if (weights[i] === 0) earned.fill(0, at[i], at[i + 1]);
    else for (let j = at[i]; j < at[i + 1] && settled?.[j] !== 1; j++) earned[j] += beyond - (known?.[j] ?? 0);
  }
}
