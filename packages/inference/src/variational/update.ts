import type { UpdateInfo } from '@postulate/models';
import type { Maybe } from '../bind/maybe.ts';
import { insistRowsFit } from './choices.ts';
import { NO_GUIDE, rateAt } from './options.ts';
import type { Drawn, Training } from './training.ts';

const how = (t: Training, { laws }: Drawn) => ({ rate: rateAt(t.options, t.step), laws });

/** One optimiser step upwards on Σ c log π, with one coefficient a text or one a choice. */
export function ascend(t: Training, drawn: Drawn, coefficients: Float64Array): Maybe<UpdateInfo> {
  if (t.options.guide !== NO_GUIDE) insistRowsFit(drawn.batch, 'guide');
  return t.policy.update(drawn.batch, coefficients, how(t, drawn));
}

/** The same with a coefficient for every token at every choice. */
export function ascendRows(t: Training, drawn: Drawn, coefficients: Float32Array | Float64Array): Maybe<UpdateInfo> {
  return t.policy.updateRows(drawn.batch, coefficients, how(t, drawn));
}
