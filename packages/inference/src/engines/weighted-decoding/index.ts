import { fail } from '@postulate/graph';
import { andThen, withFittedMoments, type FittedTarget } from '../../bind/index.ts';
import type { Chooser, LanguageModel } from '@postulate/models';
import { LogWeightMoments } from '../../numeric/index.ts';
import { twistedPolicy } from '../../policies/index.ts';
import { whole } from '../../options/index.ts';
import type { Engine, Target } from '../../port/index.ts';
import type { PreparedTwist } from '../../twists/index.ts';
import { workOn } from '../../work/index.ts';
import { weightedDecodingResult } from './finish.ts';
import { DEFAULTS, LEAST_SAMPLES, OPTION_HELP, type WeightedDecodingOptions } from './options.ts';
import { scorerFor } from './scorer.ts';
import type { DecodedChunk, WeightedDecodingState } from './state.ts';
import { decodeChunk, keepChunk, reportStep } from './step.ts';

interface Prepared {
  readonly fitted: FittedTarget;
  readonly twist: PreparedTwist;
  readonly policy: LanguageModel;
}

async function prepare(
  target: Target,
  options: WeightedDecodingOptions,
  chooser: Chooser,
  signal: AbortSignal | undefined,
): Promise<Prepared> {
  const fitted = await withFittedMoments(target, chooser.split('moments'), signal);
  const twist = await scorerFor(fitted.target, options, chooser.split('scorer'), signal);
  return { fitted, twist, policy: twistedPolicy(target.prior, twist, options.strength) };
}

/**
 * Weighted decoding: each token is drawn from prior(v | s) · ψ(s v)^w, renormalised (FUDGE, Yang & Klein 2021, with the score of
 * `scorer`; DExperts, Liu et al. 2021, with `scorer=ratio`). It follows its own law, which is the posterior where w = 1 and
 * the score is the expectation E[φ | prefix] itself. log q is kept, so that weights tell how far off the law is.
 */
export const weightedDecodingEngine: Engine<WeightedDecodingOptions, WeightedDecodingState> = {
  name: 'weighted-decoding',
  summary: 'next token ∝ prior · (score of the prefix)^strength; its own law, whose distance it estimates',
  guarantee: 'heuristic',
  requires: { prior: ['nextTokenScores'], factors: ['completeScore'] },
  defaults: DEFAULTS,
  optionHelp: OPTION_HELP,
  fitness({ prior, name }) {
    if (prior.capabilities.has('nextTokenScores')) {
      return { fits: true, note: 'draws follow its own law; exact where strength is 1 and the look-ahead is exact' };
    }
    const reason = 'the prior gives no next-token probabilities';
    const { diagnostics } = fail('P600', `the engine weighted-decoding cannot run ${name}: ${reason}`, {
      help: 'try --engine importance or rejection.',
    });
    return { fits: false, reason, diagnostic: diagnostics[0] };
  },
  async init(target, options, request, chooser) {
    const { fitted, twist, policy } = await prepare(target, options, chooser, request.signal);
    const asked = options.samples > 0 ? options.samples : Math.max(LEAST_SAMPLES, request.draws);
    whole('samples', asked);
    const spent = fitted.modelCalls + twist.modelCalls;
    const { factors } = fitted.target.stages[0];
    return {
      target: fitted.target,
      lambda: fitted.lambda,
      factors,
      options,
      request,
      chooser,
      twist,
      policy,
      asked,
      wanted: Math.max(0, Math.min(asked, request.budget - spent)),
      warnings: fitted.warnings,
      texts: [],
      logProposal: [],
      weights: new LogWeightMoments(),
      named: target.named.map(() => []),
      killed: factors.map(() => 0),
      prepared: spent,
      chunks: 0,
      tokens: 0,
    };
  },
  chunk: (state, index) => decodeChunk(state, index),
  chunks: (s) => Math.ceil(s.wanted / s.options.batch),
  policy: (target, options, chooser, signal) =>
    prepare(target, options, chooser, signal).then((prepared) => prepared.policy),
  step(state) {
    if (state.texts.length >= state.wanted) return reportStep(state, []);
    return andThen(workOn<WeightedDecodingState, DecodedChunk>(weightedDecodingEngine, state, state.chunks), (chunk) =>
      reportStep(state, keepChunk(state, chunk)),
    );
  },
  finish: weightedDecodingResult,
};
