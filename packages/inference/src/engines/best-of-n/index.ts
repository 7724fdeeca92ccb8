import { withFittedMoments } from '../../bind/index.ts';
import { listTarget } from '../../diagnostics/index.ts';
import { RunningMoments } from '../../numeric/index.ts';
import { whole } from '../../options/index.ts';
import type { Engine } from '../../port/index.ts';
import { bestOfChunk, chunkCount } from './chunk.ts';
import { bestOfResult } from './finish.ts';
import { FIGURE_GROUPS, type BestOfOptions, type BestOfState } from './state.ts';
import { bestOfStep } from './step.ts';

/**
 * Best-of-n: draws n texts of the prior and returns the one of the largest weight φ(x). Its law is not the posterior: it
 * knows only the order of the weights, not their size. It is kept as the baseline that people use, with its own law.
 */
export const bestOfEngine: Engine<BestOfOptions, BestOfState> = {
  name: 'best-of-n',
  summary: 'the best of n texts of the prior by weight; not this posterior, but with a law of its own that is known',
  guarantee: 'heuristic',
  requires: { prior: ['sample'], factors: ['completeScore'] },
  defaults: { n: 16, batch: 512, patience: 100_000, maxSupport: 4096 },
  optionHelp: {
    n: 'texts of the prior of which the best is returned',
    batch: 'texts drawn from the prior at a time, in whole groups of n',
    patience: 'groups in a row whose texts all have weight zero, after which a run without a budget gives up',
    maxSupport: 'most texts of the prior to list for the exact law and its distance to the posterior',
  },
  fitness: () => ({ fits: true, note: 'always, but its law is not this posterior' }),
  async init(target, options, request, chooser) {
    whole('n', options.n);
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    return {
      target: fitted.target,
      lambda: fitted.lambda,
      options,
      request,
      chooser,
      wanted: request.draws > 0 ? request.draws : FIGURE_GROUPS,
      most: Math.max(0, Math.floor((request.budget - fitted.modelCalls) / options.n)),
      listed: await listTarget(fitted.target, options.maxSupport),
      warnings: [...fitted.warnings],
      candidates: { logFactors: [], logGammas: [] },
      best: [],
      named: target.named.map(() => new RunningMoments()),
      killed: new Array<number>(fitted.target.stages[0].factors.length + 1).fill(0),
      chunks: 0,
      groups: 0,
      returnedAt: 0,
      dead: 0,
      modelCalls: fitted.modelCalls,
      tokens: 0,
    };
  },
  chunk: bestOfChunk,
  chunks: chunkCount,
  step: bestOfStep,
  finish: bestOfResult,
};
