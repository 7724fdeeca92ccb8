import { fail, nearestName } from '@postulate/graph';
import { multinomialResample } from './multinomial.ts';
import { optimalResample } from './optimal.ts';
import { evenly, type Resampler } from './resampler.ts';
import { residualResample } from './residual.ts';
import { stratifiedResample } from './stratified.ts';
import { systematicResample } from './systematic.ts';

const schemes: Readonly<Record<string, Resampler>> = {
  systematic: (w, n, chooser) => evenly(systematicResample(w, n, chooser)),
  stratified: (w, n, chooser) => evenly(stratifiedResample(w, n, chooser)),
  residual: (w, n, chooser) => evenly(residualResample(w, n, chooser)),
  multinomial: (w, n, chooser) => evenly(multinomialResample(w, n, chooser)),
  optimal: optimalResample,
};

/** Names of the schemes, the default first. */
export const resamplingNames: readonly string[] = Object.keys(schemes);

/** The scheme of a name. Throws P602 with the names there are. */
export function resamplerNamed(name: string): Resampler {
  if (Object.hasOwn(schemes, name)) return schemes[name];
  const guess = nearestName(name, resamplingNames);
  throw fail('P602', `there is no resampling "${name}"${guess === undefined ? '' : `; did you mean "${guess}"?`}`, {
    help: `resampling is one of ${resamplingNames.join(', ')}`,
    kind: 'usage',
  });
}
