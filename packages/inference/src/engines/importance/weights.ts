import { paretoSmooth, type ParetoSmoothed } from '../../diagnostics/index.ts';
import type { ImportanceState } from './state.ts';

/** Log weights of the proposals as they were drawn. */
export function rawWeights(s: ImportanceState): Float64Array {
  return Float64Array.from(s.proposals, (p) => p.logWeight);
}

/** The weights that draws and expectations go by, with the k̂ of their tail. */
export function smoothedWeights(s: ImportanceState): ParetoSmoothed {
  const raw = rawWeights(s);
  const smoothed = paretoSmooth(raw);
  return s.options.smooth ? smoothed : { k: smoothed.k, logWeights: raw };
}
