import { fail } from '@postulate/graph';
import { withFittedMoments } from '../../bind/index.ts';
import { runChunk, runsResult, runsStep, RunTotals, type RunsState } from '../../particle-runs/index.ts';
import type { Engine } from '../../port/index.ts';
import { awrsFitness } from './fitness.ts';
import { AWRS_DEFAULTS, AWRS_OPTION_HELP, type AwrsOptions } from './options.ts';
import { planOf } from './plan.ts';

/**
 * Adaptive weighted rejection sampling (Lipkin et al. 2025, arXiv:2504.05410) inside sequential Monte Carlo: next tokens
 * that leave no allowed text are rejected before they are drawn, and what is left is weighed without bias.
 */
export const awrsEngine: Engine<AwrsOptions, RunsState> = {
  name: 'awrs',
  summary: 'grows texts side by side, rejecting tokens that break an event as they come; unbiased Z, few tests',
  guarantee: 'properly weighted',
  requires: { prior: ['nextTokenScores'], factors: ['completeScore'] },
  defaults: AWRS_DEFAULTS,
  optionHelp: AWRS_OPTION_HELP,
  fitness: awrsFitness,
  async init(target, options, request, chooser) {
    const fit = awrsFitness(target);
    if (!fit.fits) throw fail(fit.diagnostic.code, fit.diagnostic.message, fit.diagnostic);
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    return {
      engine: 'awrs',
      others: 'exact, smc or rejection',
      target: fitted.target,
      lambda: fitted.lambda,
      factors: fitted.target.stages[0].factors,
      options: { ...options, pimh: false },
      request,
      plan: planOf(fitted.target, options, request),
      chooser,
      warnings: fitted.warnings,
      runs: [],
      totals: new RunTotals(),
      pilotCalls: fitted.modelCalls,
      chosen: undefined,
    };
  },
  chunk: runChunk,
  chunks: (s) => s.plan.runs,
  step: (s) => runsStep(awrsEngine, s),
  finish: runsResult,
};
