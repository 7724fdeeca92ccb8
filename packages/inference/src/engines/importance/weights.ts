import { paretoSmooth, type ParetoSmoothed } from '../../diagnostics/index.ts';
import type { ImportanceState } from './state.ts';

/** The weights that draws and expectations go by, with the k̂ of their tail. */
export function smoothedWeights(s: ImportanceState): ParetoSmoothed {
  if (s.smoothed?.logWeights.length !== s.proposals.size) {
    const raw = s.proposals.logWeight.all();
    const smoothed = paretoSmooth(raw);
    s.smoothed = s.options.smooth ? smoothed : { k: smoothed.k, logWeights: raw };
  }
  return s.smoothed!;
}
