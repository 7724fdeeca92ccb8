import { fail, type Diagnostic } from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';
import { factorsOf, ratioBound, targetBound, withFittedMoments } from '../../bind/index.ts';
import { RunningMoments } from '../../numeric/index.ts';
import { whole } from '../../options/index.ts';
import type { Engine, Fitness, Target } from '../../port/index.ts';
import { trialChunk } from './chunk.ts';
import { rejectionResult } from './finish.ts';
import { plainProposer } from './proposer.ts';
import { removingProposers } from './removing-proposer.ts';
import { FIGURE_DRAWS, type RejectionOptions, type RejectionState } from './state.ts';
import { rejectionStep } from './step.ts';

function refusal(diagnostic: Diagnostic): Fitness {
  return { fits: false, reason: diagnostic.message, diagnostic };
}

/** The moment whose function has no bound, if there is one: its multiplier could make the weight unbounded. */
function unboundedMoment(target: Target): Fitness | undefined {
  for (const stage of target.stages) {
    for (const { function: f, span } of stage.moments) {
      if (Number.isFinite(f.range.lo) && Number.isFinite(f.range.hi)) continue;
      return refusal({
        code: 'P600',
        severity: 'error',
        message: `rejection needs bounded factors, and the moment of ${f.name} has no proved bound`,
        span,
        help: 'bound it with clamp(…), or use --engine importance',
      });
    }
  }
  return undefined;
}

/** Says which factor leaves nothing, if one does so alone. */
function noMass(target: Target): Diagnostic {
  const alone = factorsOf(target).find((f) => f.logUpperBound === -Infinity);
  const why = alone
    ? `${alone.label} is zero for every text of the prior`
    : 'its factors together leave no text of the prior';
  return {
    code: 'P403',
    severity: 'error',
    message: `posterior "${target.name}" has no mass: ${why}`,
    span: alone?.span,
  };
}

function fitness(target: Target): Fitness {
  const moment = unboundedMoment(target);
  if (moment) return moment;
  const bound = targetBound(target);
  if ('unbounded' in bound) {
    return refusal({
      code: 'P600',
      severity: 'error',
      message: `rejection needs a proved upper bound of every factor, and ${bound.unbounded.label} has none`,
      span: bound.unbounded.span,
      help: 'declare a range or clamp the score, or use --engine importance',
    });
  }
  if (bound.logBound === -Infinity) {
    return refusal(noMass(target));
  }
  const moments = target.stages.some((s) => s.moments.length > 0) ? ', times what the moments add' : '';
  return { fits: true, note: `weights are at most e^${Number(bound.logBound.toPrecision(4))}${moments}` };
}

/** A proved bound of log γ/q, q being the prior or what is proposed from in its place. */
function boundOf(target: Target, proposal: LanguageModel | undefined): number {
  if (proposal !== undefined) {
    const bound = ratioBound(target, proposal);
    if (typeof bound === 'number' && bound < Infinity) return bound;
    const why = typeof bound === 'number' ? 'it gives no mass to some text of the posterior' : bound.reason;
    throw fail('P600', `rejection has no bound of the weights under this proposal: ${why}`, {
      help: 'try --engine importance, mh or smc with it.',
    });
  }
  const bound = targetBound(target);
  if ('unbounded' in bound) throw fail('P600', `${bound.unbounded.label} has no proved upper bound`);
  return bound.logBound;
}

/**
 * Rejection sampling (von Neumann 1951): accepts a text of the prior with probability φ(x)/M for a proved bound M, so
 * that what is accepted are independent exact draws; plain filtering where the factors are events.
 */
export const rejectionEngine: Engine<RejectionOptions, RejectionState> = {
  name: 'rejection',
  summary: 'exact draws: accepts texts of the prior with probability weight / proved bound',
  guarantee: 'exact draws',
  requires: { prior: ['sample'], factors: ['completeScore', 'upperBound'] },
  defaults: { batch: 512, removeDead: true, patience: 1_000_000, proposal: 'prior' },
  optionHelp: {
    proposal:
      'what is proposed: texts of the prior, or of an engine whose law is a table, under a bound worked out for it',
    batch: 'texts drawn from the prior at a time',
    patience: 'texts of the prior in a row of which none is accepted, after which a run without a budget gives up',
    removeDead: 'stop proposing prefixes that are proved to have no continuation of positive weight',
  },
  fitness,
  async init(target, options, request, chooser) {
    const fit = fitness(target);
    if (!fit.fits) throw fail(fit.diagnostic.code, fit.diagnostic.message, fit.diagnostic);
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    const logBound = boundOf(fitted.target, request.proposal);
    whole('batch', options.batch);
    const { factors } = fitted.target.stages[0];
    // Where no factor is an event, next to nothing has weight zero.
    const learns =
      options.removeDead && request.proposal === undefined && factors.some((f) => f.capabilities.has('boolean'));
    const removing = learns ? removingProposers(target.prior, factors) : undefined;
    return {
      target: fitted.target,
      lambda: fitted.lambda,
      factors,
      options,
      request,
      wanted: request.draws > 0 ? request.draws : FIGURE_DRAWS,
      logBound,
      affordable: Math.max(0, request.budget - fitted.modelCalls),
      proposer: removing ?? (() => plainProposer(request.proposal ?? target.prior)),
      learning: removing !== undefined,
      chooser,
      blocks: [],
      draws: [],
      logFactor: new RunningMoments(),
      logGamma: new RunningMoments(),
      named: target.named.map(() => new RunningMoments()),
      warnings: [...fitted.warnings],
      chunks: 0,
      accepted: 0,
      acceptedAt: 0,
      trials: 0,
      modelCalls: fitted.modelCalls,
      tokens: 0,
    };
  },
  chunk: trialChunk,
  step: rejectionStep,
  finish: rejectionResult,
};
