import { fail } from '@postulate/graph';
import { andThen, withFittedMoments, type FittedTarget, insist, whyNot } from '../../bind/index.ts';
import type { Chooser, LanguageModel } from '@postulate/models';
import { aheadLaw, twistedPolicy } from '../../policies/index.ts';
import {
  decodeChunk,
  keepChunk,
  ownLawResult,
  ownLawState,
  reportStep,
  type DecodedChunk,
  type OwnLawState,
  type OwnLawWords,
} from '../../own-law/index.ts';
import type { Engine, Fitness, Preparing, Target } from '../../port/index.ts';
import type { PreparedTwist } from '../../twists/index.ts';
import { workOn } from '../../work/index.ts';
import { DEFAULTS, OPTION_HELP, type WeightedDecodingOptions } from './options.ts';
import { scorerFor } from './scorer.ts';

const WORDS: OwnLawWords = {
  engine: 'weighted-decoding',
  law: 'weighted decoding',
  deadHelp: 'try --option scorer=lookahead, or --engine exact, rejection or smc, or weaken the factor',
};

interface Prepared {
  readonly fitted: FittedTarget;
  readonly twist: PreparedTwist;
  readonly over: (base: LanguageModel) => LanguageModel;
}

async function prepare(
  target: Target,
  options: WeightedDecodingOptions,
  chooser: Chooser,
  world: Preparing,
): Promise<Prepared> {
  const fitted = await withFittedMoments(target, chooser.split('moments'), world.signal);
  const twist = await scorerFor(fitted.target, options, chooser.split('scorer'), world);
  return { fitted, twist, over: (base) => twistedPolicy(base, twist, options.strength) };
}

/** The score that stands for the posterior itself, from the same draws of the prior. */
const unsharpened = (target: Target, options: WeightedDecodingOptions, chooser: Chooser, world: Preparing) =>
  scorerFor(target, { ...options, sharpen: 1 }, chooser.split('scorer'), world);

function fitness({ prior, name }: Target): Fitness {
  if (prior.capabilities.has('nextTokenScores')) {
    return { fits: true, note: 'draws follow its own law; exact where strength is 1 and the look-ahead is exact' };
  }
  const reason = `the prior gives no next-token probabilities${whyNot(prior, 'nextTokenScores')}`;
  const { diagnostics } = fail('P600', `the engine weighted-decoding cannot run ${name}: ${reason}`, {
    help: 'try --engine importance or rejection.',
  });
  return { fits: false, reason, diagnostic: diagnostics[0] };
}

/**
 * Weighted decoding: each token is drawn from prior(v | s) · ψ(s v)^w, renormalised (FUDGE, Yang & Klein 2021, with the score of
 * `scorer`; DExperts, Liu et al. 2021, with `scorer=ratio`). It follows its own law, which is the posterior where w = 1 and
 * the score is the expectation E[φ | prefix] itself. log q is kept, so that weights tell how far off the law is.
 */
export const weightedDecodingEngine: Engine<WeightedDecodingOptions, OwnLawState> = {
  name: 'weighted-decoding',
  summary: 'next token ∝ prior · (score of the prefix)^strength; its own law, whose distance it estimates',
  guarantee: 'heuristic',
  requires: { prior: ['nextTokenScores'], factors: ['completeScore'] },
  defaults: DEFAULTS,
  optionHelp: OPTION_HELP,
  fitness,
  async init(target, options, request, chooser) {
    insist(fitness(target));
    const { fitted, twist, over } = await prepare(target, options, chooser, request);
    return ownLawState({
      words: WORDS,
      exact: options.strength === 1 && options.sharpen === 1 && twist.exact,
      reasons: [twist.reason],
      batch: options.batch,
      fitted,
      policy: over(target.prior),
      request,
      chooser,
      samples: options.samples,
      prepared: fitted.modelCalls + twist.modelCalls,
    });
  },
  chunk: (state, index) => decodeChunk(state, index),
  chunks: (s) => Math.ceil(s.wanted / s.batch),
  policy: (target, options, chooser, world = {}) =>
    prepare(target, options, chooser, world).then(({ over, fitted, twist }) => ({
      ...over(target.prior),
      over,
      ahead: async (depth) => {
        const expected = options.sharpen === 1 ? twist : await unsharpened(fitted.target, options, chooser, world);
        return aheadLaw(target.prior, expected, depth, chooser.split('doubts'), world);
      },
      modelCalls: fitted.modelCalls + twist.modelCalls,
    })),
  step(state) {
    if (state.texts.length >= state.wanted) return reportStep(state, []);
    return andThen(workOn<OwnLawState, DecodedChunk>(weightedDecodingEngine, state, state.chunks), (chunk) =>
      reportStep(state, keepChunk(state, chunk)),
    );
  },
  finish: ownLawResult,
};
