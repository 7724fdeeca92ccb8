import { fail } from '@postulate/graph';
import { withFittedMoments, insist, whyNot } from '../../bind/index.ts';
import { continuationOf } from '../../continuation/index.ts';
import { whole } from '../../options/index.ts';
import type { Engine, Fitness, Target } from '../../port/index.ts';
import { mhResult } from './finish.ts';
import { mhChunk } from './segment.ts';
import type { ChainHistory, MhOptions, MhState, Plan } from './state.ts';
import { mhStep } from './step.ts';

/** States recorded of each chain where the option steps leaves it open, and recorded states for each draw. */
const RECORDED = 1000;
const RECORDED_PER_DRAW = 10;

function planOf(options: MhOptions, draws: number): Plan {
  const chains = whole('chains', options.chains);
  const thin = whole('thin', options.thin);
  const steps = whole('steps', options.steps);
  whole('batch', options.batch);
  if (options.independence > 1) {
    throw fail('P602', `independence is a probability, found ${options.independence}`, { kind: 'usage' });
  }
  const drawsPerChain = Math.ceil(draws / chains);
  const wanted = steps > 0 ? Math.floor(steps / thin) : Math.max(RECORDED, RECORDED_PER_DRAW * drawsPerChain);
  const recorded = Math.max(1, wanted, drawsPerChain);
  const longer = Math.max(1, whole('extend', options.extend));
  return {
    ...{ chains, thin, recorded, drawsPerChain },
    warmup: whole('warmup', options.warmup),
    most: steps > 0 ? recorded : recorded * longer,
  };
}

const history = (functions: number): ChainHistory => ({
  visited: [],
  recorded: [],
  named: Array.from({ length: functions }, () => []),
  moves: { independence: { tried: 0, accepted: 0 }, suffix: { tried: 0, accepted: 0 } },
});

/** Suffix moves go on from the middle of a text. */
function fitness({ name, prior }: Target): Fitness {
  if (prior.capabilities.has('nextTokenScores')) {
    return { fits: true, note: 'good where texts of the prior reach the posterior in small steps' };
  }
  const reason = `mh redraws suffixes of texts, and the prior gives no next-token law${whyNot(prior, 'nextTokenScores')}`;
  const { diagnostics } = fail('P600', `the engine mh cannot run ${name}: ${reason}`, {
    help: 'use --engine importance or rejection',
  });
  return { fits: false, reason, diagnostic: diagnostics[0] };
}

/**
 * Metropolis–Hastings (Hastings 1970) with two kinds of moves: a text that is independent of where the chain is, and a
 * new suffix after a uniformly chosen cut, drawn from the prior. Several chains from different starts are compared by
 * rank-normalised split R̂ and effective sample sizes (Vehtari et al. 2021).
 */
export const mhEngine: Engine<MhOptions, MhState> = {
  name: 'mh',
  summary: 'Markov chains that redraw texts or their suffixes and accept by weight; several chains, R-hat and ESS',
  guarantee: 'asymptotic',
  requires: { prior: ['sample', 'nextTokenScores'], factors: ['completeScore'] },
  defaults: {
    proposal: 'prior',
    independence: 0.2,
    chains: 4,
    warmup: 500,
    thin: 4,
    steps: 0,
    extend: 8,
    starts: 100_000,
    batch: 250,
  },
  optionHelp: {
    proposal: 'what independence moves and starts are drawn from: prior, or an engine whose law has a density',
    independence: 'probability of an independence move; the other moves draw a new suffix from the prior',
    chains: 'chains that run beside each other, each from a start of its own',
    warmup: 'steps of each chain that are thrown away first',
    thin: 'steps from one recorded state of a chain to the next',
    steps: `steps of each chain after warm-up, at least one recorded state a draw; 0 for ${RECORDED.toLocaleString('en')} recorded states and ${RECORDED_PER_DRAW} a draw`,
    extend:
      'where steps is 0: chains that disagree, or have too small an effective sample size, go on to twice their length, up to so many times; 1 for never',
    starts: 'most texts tried in search of starts of positive weight',
    batch: 'steps of a chain between two looks at the budget and the progress',
  },
  fitness,
  async init(target, options, request, chooser) {
    insist(fitness(target));
    const plan = planOf(options, request.draws);
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    const { factors } = fitted.target.stages[0];
    return {
      target: fitted.target,
      lambda: fitted.lambda,
      factors,
      options,
      request,
      chooser,
      plan,
      continuation: continuationOf(target.prior),
      warnings: [...fitted.warnings],
      starts: [],
      killed: factors.map(() => 0),
      startsTried: 0,
      startBatches: 0,
      chains: undefined,
      history: Array.from({ length: plan.chains }, () => history(target.named.length)),
      total: 0,
      taken: 0,
      segments: 0,
      draws: [],
      modelCalls: fitted.modelCalls,
      tokens: 0,
      essSoFar: { at: 4, ess: null },
    };
  },
  chunk: mhChunk,
  step: mhStep,
  finish: mhResult,
};
