import { fail } from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';
import { andThen, withFittedMoments } from '../../bind/index.ts';
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
import type { Engine, Target } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { aimOf } from './goal.ts';
import { DEFAULTS, OPTION_HELP, type PplmOptions } from './options.ts';
import { pplmPolicy } from './policy.ts';

const WORDS: OwnLawWords = {
  engine: 'pplm',
  law: 'pplm',
  deadHelp: 'try --engine smc or awrs, which never leave what a hard event allows, or weaken the factor',
};

/** A text costs several forward and backward passes a token, so that figures go by fewer texts than elsewhere. */
const LEAST_SAMPLES = 100;

async function policyOf(
  target: Target,
  o: PplmOptions,
): Promise<{ readonly policy: LanguageModel; readonly reason: string }> {
  const { steerable } = target.prior;
  if (steerable === undefined) throw refusal(target);
  const { goal, reason } = await aimOf(target, steerable, o);
  const words = goal.kind === 'bag';
  const { stepSize, window, decay, klScale, fusion, topK, batch } = o;
  const push = {
    iterations: o.iterations > 0 ? o.iterations : words ? 3 : 10,
    gamma: o.gamma > 0 ? o.gamma : words ? 1.5 : 1,
    keepLargest: words,
    stepSize,
    window,
    decay,
  };
  return { policy: pplmPolicy(target.prior, { steerable, goal, klScale, push, fusion, topK, batch }), reason };
}

function refusal({ name, prior }: Target): Error {
  return fail('P600', `the engine pplm cannot run ${name}: ${reasonFor(prior)}`, {
    help: 'it pushes the past of a transformer, such as lm("tiny-english"); for other priors use smc, awrs or weighted-decoding.',
  });
}

function reasonFor(prior: LanguageModel): string {
  return prior.table === undefined
    ? 'the past of its prior cannot be pushed by gradients'
    : 'its prior is a table and has no hidden states to push';
}

/**
 * PPLM (Dathathri et al. 2020; `algorithms.md` 6.4): before each token a few gradient steps on the keys and values of what was read
 * raise the chance of a bag of words or of a classifier's label; the changed law is fused with the prior's. It follows its own
 * law, whose log q is kept, so that weights tell how far off the law is.
 */
export const pplmEngine: Engine<PplmOptions, OwnLawState> = {
  name: 'pplm',
  summary:
    "pushes a transformer's past towards words or a classifier's label; its own law, whose distance it estimates",
  guarantee: 'heuristic',
  requires: { prior: ['sample', 'completeScore'], factors: ['completeScore'] },
  defaults: DEFAULTS,
  optionHelp: OPTION_HELP,
  fitness(target) {
    if (target.prior.steerable !== undefined)
      return { fits: true, note: 'draws follow its own law, near the posterior at best' };
    const { diagnostics } = refusal(target) as Error & { readonly diagnostics: readonly never[] };
    return { fits: false, reason: reasonFor(target.prior), diagnostic: diagnostics[0] };
  },
  async init(target, options, request, chooser) {
    const { policy, reason } = await policyOf(target, options);
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    return ownLawState({
      words: WORDS,
      exact: false,
      reasons: [reason],
      batch: options.batch,
      fitted,
      policy,
      request,
      chooser,
      samples: options.samples,
      least: LEAST_SAMPLES,
      prepared: fitted.modelCalls,
    });
  },
  chunk: (state, index) => decodeChunk(state, index),
  chunks: (s) => Math.ceil(s.wanted / s.batch),
  policy: async (target, options) => (await policyOf(target, options)).policy,
  step(state) {
    if (state.texts.length >= state.wanted) return reportStep(state, []);
    return andThen(workOn<OwnLawState, DecodedChunk>(pplmEngine, state, state.chunks), (chunk) =>
      reportStep(state, keepChunk(state, chunk)),
    );
  },
  finish: ownLawResult,
};
