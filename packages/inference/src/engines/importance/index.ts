import { fail } from '@postulate/graph';
import { withFittedMoments } from '../../bind/index.ts';
import type { Engine } from '../../port/index.ts';
import { importanceResult } from './finish.ts';
import type { ImportanceOptions, ImportanceState } from './state.ts';
import { importanceStep } from './step.ts';

/** Proposals where the option leaves the number open. */
function proposalsFor(options: ImportanceOptions, draws: number): number {
  if (options.proposals > 0) return options.proposals;
  return options.resample ? Math.max(1000, 10 * draws) : draws > 0 ? draws : 1000;
}

/**
 * Self-normalised importance sampling from the prior, and sampling-importance-resampling (Rubin 1987): a text weighs φ(x);
 * Ẑ is the mean weight, expectations are weighted means with the delta method's errors, and draws are resampled.
 */
export const importanceEngine: Engine<ImportanceOptions, ImportanceState> = {
  name: 'importance',
  summary: 'weighs texts of the prior by their factors and resamples; consistent, with Pareto k and ESS',
  guarantee: 'consistent',
  requires: { prior: ['sample'], factors: ['completeScore'] },
  defaults: { proposals: 0, resample: true, smooth: false, batch: 512 },
  optionHelp: {
    proposals: 'texts drawn from the prior; 0 for ten times the draws and at least 1,000',
    resample: 'hand out unweighted draws resampled from the proposals; false: every proposal with its log weight',
    smooth: 'replace the largest weights by their Pareto smoothed values in draws and expectations',
    batch: 'texts drawn from the prior at a time',
  },
  fitness: () => ({ fits: true, note: 'good while the posterior is not far from its prior' }),
  async init(target, options, request, chooser) {
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    const wanted = proposalsFor(options, request.draws);
    if (!Number.isInteger(wanted)) throw fail('P602', `proposals is a whole number, found ${options.proposals}`);
    return {
      target: fitted.target,
      lambda: fitted.lambda,
      factors: fitted.target.stages[0].factors,
      options,
      request,
      wanted,
      chooser,
      proposals: [],
      named: target.named.map(() => []),
      killed: fitted.target.stages[0].factors.map(() => 0),
      warnings: [...fitted.warnings],
      batches: 0,
      modelCalls: fitted.modelCalls,
      tokens: 0,
      chosen: undefined,
    };
  },
  step: importanceStep,
  finish: importanceResult,
};
