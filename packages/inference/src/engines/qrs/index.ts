import { targetBound, withFittedMoments } from '../../bind/index.ts';
import type { Engine, Request, Target } from '../../port/index.ts';
import { chunkCount, qrsChunk } from './chunk.ts';
import { qrsResult } from './finish.ts';
import { pilotWeights } from './pilot.ts';
import type { QrsOptions, QrsState } from './state.ts';
import { qrsStep } from './step.ts';
import { checkOptions, chooseThreshold, needsPilot } from './threshold.ts';

/** Proved bound of the log weights. Those of another proposal than the prior have none. */
function boundOf(target: Target, request: Request): number {
  if (request.proposal !== undefined) return Infinity;
  const bound = targetBound(target);
  return 'unbounded' in bound || bound.logBound === -Infinity ? Infinity : bound.logBound;
}

/**
 * Quasi-rejection sampling (Eikema, Kruszewski, Dance, Elsahar & Dymetman 2022): accepts proposals with min(1, w/M) for a
 * threshold M that need not bound the weights. What is accepted are independent draws of p_M ∝ min(γ, M q); how far p_M is
 * from the posterior is estimated from importance weights and reported.
 */
export const qrsEngine: Engine<QrsOptions, QrsState> = {
  name: 'qrs',
  summary: 'quasi-rejection: independent draws of a law near the posterior, its distance (TV) estimated and reported',
  guarantee: 'approximate',
  requires: { prior: ['sample'], factors: ['completeScore'] },
  defaults: {
    threshold: 0,
    tv: 0,
    acceptance: 0.05,
    pilot: 1000,
    diagnose: 10_000,
    batch: 512,
    patience: 1_000_000,
    proposal: 'prior',
  },
  optionHelp: {
    threshold: 'the acceptance constant M itself, in the scale of the weights; 0 to choose it on a pilot sample',
    tv: 'total variation to the posterior to aim at, in place of an acceptance rate; 0 for none',
    acceptance: 'share of proposals to accept: the threshold is the largest that does so on the pilot',
    pilot: 'texts that the threshold is chosen on; they are thrown away',
    diagnose: 'first texts after the pilot, from which log Z, the distances and their curve are estimated',
    batch: 'texts proposed at a time',
    patience: 'texts in a row of which none is accepted, after which a run without a budget gives up',
    proposal: 'what to propose from: prior, or an engine whose law has a density',
  },
  fitness: () => ({ fits: true, note: 'at any threshold; how far its draws are from the posterior is estimated' }),
  async init(target, options, request, chooser) {
    checkOptions(options);
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    const logBound = boundOf(fitted.target, request);
    const pilot = needsPilot(options)
      ? await pilotWeights(fitted.target, options, request, chooser.split('pilot'))
      : new Float64Array(0);
    return {
      target: fitted.target,
      lambda: fitted.lambda,
      options,
      request,
      chooser,
      logBound,
      warnings: [...fitted.warnings],
      diagnosed: { logWeights: [], logFactors: [], logGammas: [] },
      accepted: [],
      excess: [],
      named: target.named.map(() => []),
      killed: new Array<number>(fitted.target.stages[0].factors.length + 1).fill(0),
      threshold: chooseThreshold(options, pilot, logBound),
      most: Math.max(0, request.budget - fitted.modelCalls - pilot.length),
      logZ: undefined,
      chunks: 0,
      trials: 0,
      acceptedAt: 0,
      dead: 0,
      modelCalls: fitted.modelCalls + pilot.length,
      tokens: 0,
    };
  },
  chunk: qrsChunk,
  chunks: chunkCount,
  step: qrsStep,
  finish: qrsResult,
};
