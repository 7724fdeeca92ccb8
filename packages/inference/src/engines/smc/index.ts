import { withFittedMoments } from '../../bind/index.ts';
import { runChunk, runsResult, runsStep, RunTotals, type RunsState } from '../../particle-runs/index.ts';
import type { Engine, Fitness, Target } from '../../port/index.ts';
import { SMC_DEFAULTS, SMC_OPTION_HELP, type SmcOptions } from './options.ts';
import { planOf } from './plan.ts';

function fitness({ name, prior }: Target): Fitness {
  if (prior.capabilities.has('nextTokenScores')) {
    return { fits: true, note: 'good where prefixes tell what the whole text will weigh' };
  }
  const reason = 'smc extends texts token by token, and the prior gives no next-token law';
  return {
    fits: false,
    reason,
    diagnostic: {
      code: 'P600',
      severity: 'error',
      message: `the engine smc cannot run ${name}: ${reason}`,
      help: 'use --engine importance',
    },
  };
}

/**
 * Sequential Monte Carlo (Gordon, Salmond & Smith 1993; twisted: Zhao et al. 2024): particles are extended token by token,
 * weighed by what their prefixes promise, and resampled. Independent runs give Ẑ, estimates and their errors.
 */
export const smcEngine: Engine<SmcOptions, RunsState> = {
  name: 'smc',
  summary: 'grows many texts side by side and keeps what is promising; unbiased Z, errors from independent runs',
  guarantee: 'properly weighted',
  requires: { prior: ['nextTokenScores'], factors: ['completeScore'] },
  defaults: SMC_DEFAULTS,
  optionHelp: SMC_OPTION_HELP,
  fitness,
  async init(target, options, request, chooser) {
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    const { plan, modelCalls } = await planOf(fitted.target, options, request, chooser.split('twist'));
    return {
      engine: 'smc',
      others: 'exact, awrs or rejection',
      target: fitted.target,
      lambda: fitted.lambda,
      factors: fitted.target.stages[0].factors,
      options,
      request,
      plan,
      chooser,
      warnings: fitted.warnings,
      runs: [],
      totals: new RunTotals(),
      pilotCalls: fitted.modelCalls + modelCalls,
      chosen: undefined,
    };
  },
  chunk: runChunk,
  chunks: (s) => s.plan.runs,
  step: (s) => runsStep(smcEngine, s),
  finish: runsResult,
};
