import { withFittedMoments } from '../../bind/index.ts';
import { LogWeightMoments } from '../../numeric/index.ts';
import { whole } from '../../options/index.ts';
import type { Engine } from '../../port/index.ts';
import { chunkCount, proposalChunk } from './chunk.ts';
import { importanceResult } from './finish.ts';
import { Proposals } from './proposals.ts';
import type { ImportanceOptions, ImportanceState } from './state.ts';
import { importanceStep } from './step.ts';

/** Proposals where the option leaves the number open. */
function proposalsFor(options: ImportanceOptions, draws: number): number {
  if (options.proposals > 0) return options.proposals;
  return options.resample ? Math.max(1000, 10 * draws) : draws > 0 ? draws : 1000;
}

/**
 * Self-normalised importance sampling, and sampling-importance-resampling (Rubin 1987), from the prior or from another
 * engine's law q: a text weighs prior(x) φ(x) / q(x); Ẑ is the mean weight, expectations are weighted means with the
 * delta method's errors, and draws are resampled. What q cannot produce is missing from draws and figures without a
 * sign of it, so q has to cover the posterior.
 */
export const importanceEngine: Engine<ImportanceOptions, ImportanceState> = {
  name: 'importance',
  summary: 'weighs texts of the prior by their factors and resamples; consistent, with Pareto k and ESS',
  guarantee: 'consistent',
  requires: { prior: ['sample'], factors: ['completeScore'] },
  defaults: { proposals: 0, resample: true, smooth: false, batch: 512, proposal: 'prior' },
  optionHelp: {
    proposals: 'texts drawn from the prior; 0 for ten times the draws and at least 1,000',
    resample: 'hand out unweighted draws resampled from the proposals; false: every proposal with its log weight',
    smooth: 'replace the largest weights by their Pareto smoothed values in draws and expectations',
    batch: 'texts drawn from the prior at a time',
    proposal:
      'what is drawn from and corrected for: prior, or an engine whose law has a density; it has to cover the posterior',
  },
  fitness: () => ({ fits: true, note: 'good while the posterior is not far from its prior' }),
  async init(target, options, request, chooser) {
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    const wanted = whole('proposals', proposalsFor(options, request.draws));
    whole('batch', options.batch);
    const { factors } = fitted.target.stages[0];
    return {
      target: fitted.target,
      lambda: fitted.lambda,
      factors,
      options,
      request,
      wanted,
      most: Math.min(wanted, Math.max(0, request.budget - fitted.modelCalls)),
      chooser,
      proposals: new Proposals(target.named.length),
      handed: [],
      killed: [...factors, 'the prior'].map(() => 0),
      weights: new LogWeightMoments(),
      warnings: [...fitted.warnings],
      chunks: 0,
      modelCalls: fitted.modelCalls,
      tokens: 0,
      chosen: undefined,
      smoothed: undefined,
    };
  },
  chunk: proposalChunk,
  chunks: chunkCount,
  step: importanceStep,
  finish: importanceResult,
};
