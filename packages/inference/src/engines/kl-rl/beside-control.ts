import type { UpdateInfo } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import {
  ascendBeside,
  choiceAdvantages,
  choiceOffsets,
  controlOf,
  logGamma,
  pickChoices,
  rowKl,
  sumsAfter,
  type Control,
  type Controls,
  type Drawn,
  type ExactChoices,
  type Training,
} from '../../variational/index.ts';

/**
 * One optimiser step along the gradient of J with a law c as control variate. With ρ = π/c,
 *
 *   E_π[log ρ ∇ log π] = E_c[(ρ log ρ − (ρ − 1)) ∇ log π] − E_c[∇ log π],
 *
 * since E_π[∇ log π] = 0: of the divergence from c, only what is of second order in log ρ is left to a text, and the rest is exact from
 * rows of c. Where c is the prior, a text counts so only as far as log φ is open. From the choice on before which it is settled all that
 * is left to be earned is −KL(π ‖ prior), which rows of the policy say exactly; without that, a text that began what it had no tokens left
 * to finish would weigh as much as many that have the reward.
 */
export function besideControl(t: Training, drawn: Drawn, controls: Controls, weights: Float64Array): Maybe<UpdateInfo> {
  return andThen(controlOf(t, drawn, controls), (control) => {
    const { settled } = control;
    const step = (exact?: ExactChoices): Maybe<UpdateInfo> => {
      const { shares, earned } = shareOut(drawn, control, weights, exact);
      const coefficients = choiceAdvantages(t, drawn, earned, weights, settled);
      eachOf(drawn, (i, j) => {
        // Of what the policy cannot write only the control's part is left.
        if (weights[i] > 0) coefficients[j] *= weights[i];
        else coefficients[j] = settled?.[j] === 1 ? 0 : -shares[j];
      });
      return ascendBeside(t, drawn, control.rows, shares, coefficients, exact);
    };
    if (!settled?.includes(1)) return step();
    return andThen(t.policy.rows(drawn.batch, drawn.laws), (logPi) => step({ of: settled, logPi }));
  });
}

function eachOf({ batch }: Drawn, visit: (text: number, choice: number) => void): void {
  const at = choiceOffsets(batch);
  for (let i = 0; i < batch.size; i++) for (let j = at[i]; j < at[i + 1]; j++) visit(i, j);
}

/** KL(π ‖ c) of each choice's row where it is taken exactly, else 0. */
function exactKls({ batch }: Drawn, { rows }: Control, exact: ExactChoices): Float64Array {
  const width = batch.vocabulary.size + 1;
  return Float64Array.from(exact.of, (on, j) => (on === 1 ? rowKl(exact.logPi, rows, j, width) : 0));
}

/**
 * What the rows of each choice count, and what its token earns. A text of weight w = π/q is open up to choice o: with ρ = π/c up to there
 * the rows of open choices count w/ρ, those of the settled ones w; the open ones earn log γ − log c − log ρ + 1 − 1/ρ less the divergences of
 * all settled rows, a settled one those behind it.
 */
function shareOut(drawn: Drawn, control: Control, weights: Float64Array, exact?: ExactChoices) {
  const { batch, logQ } = drawn;
  const { logs } = control;
  const at = choiceOffsets(batch);
  const [shares, earned] = [new Float64Array(logs.length), new Float64Array(logs.length)];
  const own = exact && pickChoices(batch, exact.logPi);
  const kls = exact ? exactKls(drawn, control, exact) : new Float64Array(logs.length);
  const later = sumsAfter(batch, kls);
  for (let i = 0; i < batch.size; i++) {
    let [open, logC, logShare, kl] = [at[i + 1], 0, -logQ[i], 0];
    for (let j = at[i]; j < at[i + 1]; j++) {
      const settled = exact?.of[j] === 1;
      if (settled) open = Math.min(open, j);
      logC += logs[j];
      logShare += settled ? own![j] : logs[j];
      kl += kls[j];
    }
    const logRho = Math.log(weights[i]) - logShare;
    shares.fill(Math.exp(logShare), at[i], open).fill(weights[i], open, at[i + 1]);
    if (weights[i] > 0) earned.fill(logGamma(drawn, i) - logC - kl - logRho + 1 - Math.exp(-logRho), at[i], open);
    for (let j = open; j < at[i + 1]; j++) earned[j] = -later[j];
  }
  return { shares, earned };
}
