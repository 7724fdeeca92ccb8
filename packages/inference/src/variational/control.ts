import type { LanguageModel, UpdateInfo } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { pickChoices } from './choice-logs.ts';
import { choiceColumn, choiceOffsets, insistRowsFit } from './choices.ts';
import { rowsUnder } from './model-rows.ts';
import type { TrainingOptions } from './options.ts';
import { usage } from './proposals.ts';
import type { Drawn, Training } from './training.ts';
import { ascendRows } from './update.ts';

/** The option `control` of an engine whose objective has an expectation under the prior or the posterior in it. */
export const CONTROL = 'none';

export const CONTROL_HELP =
  'control variate, E_c[∇ log π] from full rows of a law c along the texts: the prior, or the proposal as made over the prior (proposal); the nearer c is to the posterior, the less noise; none; where rows are few numbers';

/** The laws c of a run by target; undefined where it has none. Throws P602 for any other name, or for the proposal of a run that has none. */
export function controlsOf(
  priors: readonly LanguageModel[],
  proposals: readonly LanguageModel[] | undefined,
  options: TrainingOptions,
): readonly LanguageModel[] | undefined {
  const { control } = { control: CONTROL, ...options };
  if (control === CONTROL) return undefined;
  if (control === 'prior') return priors;
  if (control !== 'proposal') throw usage(`control is none, prior or proposal, found ${control}`);
  if (proposals === undefined) {
    throw usage('control=proposal takes the proposal as control variate, and there is none: give the option proposal');
  }
  if (proposals.every((law) => law.capabilities.has('nextTokenScores'))) return proposals;
  throw usage('control=proposal goes with a proposal that decodes token by token: proposal=weighted-decoding');
}

/** A control law along the texts of a step. */
export interface Control {
  /** c(x) / q(x) of each text. */
  readonly weights: Float64Array;
  /** log c of the token drawn at every choice. */
  readonly logs: Float64Array;
  /** log c(v | prefix) at every choice: choices × (V + 1), nats. */
  readonly rows: Float32Array | Float64Array;
}

export function controlOf(drawn: Drawn, laws: readonly LanguageModel[]): Maybe<Control> {
  const { batch, logQ } = drawn;
  insistRowsFit(batch, 'control');
  return andThen(rowsUnder(laws, drawn), (rows) => {
    const at = choiceOffsets(batch);
    const logs = pickChoices(batch, rows);
    const weights = logQ.map((q, i) => {
      let log = -q;
      for (let j = at[i]; j < at[i + 1]; j++) log += logs[j];
      return Math.exp(log);
    });
    return { weights, logs, rows };
  });
}

/**
 * One optimiser step along Σⱼ aⱼ ∇ log π(xⱼ | x<ⱼ) + E_c[∇ log π], j over the choices of all texts, which have the weights `shares` = c/q
 * in the second part, and
 *
 *   E_c[∇ log π] = E_c[Σₜ Σᵥ c(v | x<t) ∇ log π(v | x<t)]
 *
 * is exact at every prefix, −∇ KL(c ‖ π) by tokens: it has no variance where the policy is c. An objective that has that expectation in
 * it takes it off its `coefficients` and is left with what the policy has moved, or the factors ask, beyond c. Uses up the rows.
 */
export function ascendBeside(
  t: Training,
  drawn: Drawn,
  rows: Control['rows'],
  shares: Float64Array,
  coefficients: Float64Array,
  exact?: ExactChoices,
): Maybe<UpdateInfo> {
  const { batch } = drawn;
  const { size } = batch;
  const at = choiceOffsets(batch);
  const width = batch.vocabulary.size + 1;
  for (let i = 0; i < size; i++) {
    for (let j = at[i]; j < at[i + 1]; j++) {
      if (exact?.of[j] === 1) divergenceRow(rows, exact.logPi, rows, j * width, width, shares[j] / size);
      else for (let k = j * width; k < (j + 1) * width; k++) rows[k] = (shares[j] / size) * Math.exp(rows[k]);
      rows[j * width + choiceColumn(batch, i, j - at[i], width)] += coefficients[j] / size;
    }
  }
  return ascendRows(t, drawn, rows);
}

/** Choices of which the divergence itself is worked out, −∇ KL(π ‖ c) of their rows, in place of −∇ KL(c ‖ π). */
export interface ExactChoices {
  readonly of: Uint8Array;
  /** log π(v | prefix) at every choice. */
  readonly logPi: Control['rows'];
}

/** −∇ KL(π ‖ c) of a row by log π(v): −π(v) (log π(v) − log c(v)), times a share; what the policy rules out counts nothing. */
export function divergenceRow(
  out: Control['rows'],
  logPi: Control['rows'],
  logC: Control['rows'],
  from: number,
  width: number,
  share: number,
): void {
  for (let k = from; k < from + width; k++) {
    out[k] = logPi[k] > -Infinity ? -Math.exp(logPi[k]) * (logPi[k] - logC[k]) * share : 0;
  }
}
