import { fail } from '@postulate/graph';
import { andThen, withFittedMoments, type FittedTarget } from '../../bind/index.ts';
import { whole } from '../../options/index.ts';
import type { Engine, Request } from '../../port/index.ts';
import { lawResult, measure, type Measured } from '../../variational/index.ts';
import type { Chooser } from '@postulate/models';

interface PolicyOptions {
  readonly samples: number;
}

interface PolicyState {
  readonly fitted: FittedTarget;
  readonly options: PolicyOptions;
  readonly request: Request;
  readonly chooser: Chooser;
  measured: Measured | undefined;
}

/** Draws of the law that a run is given, as they are: what the engines that correct it are to be held against. */
export const policyEngine: Engine<PolicyOptions, PolicyState> = {
  name: 'policy',
  summary: 'draws of a fitted policy (--proposal) as they are, and how far they are from the posterior',
  guarantee: 'variational',
  requires: { prior: ['completeScore'], factors: ['completeScore'] },
  defaults: { samples: 2000 },
  optionHelp: { samples: 'texts on which the policy is measured, at least as many as the draws' },
  fitness: () => ({ fits: true, note: 'needs a fitted policy: --proposal' }),
  async init(target, options, request, chooser) {
    whole('samples', options.samples);
    if (request.proposal === undefined) {
      throw fail('P602', 'the engine policy draws from a fitted policy, and none is given', {
        help: 'name its run folder: --proposal DIR',
        kind: 'usage',
      });
    }
    const fitted = await withFittedMoments(target, chooser.split('moments'), request.signal);
    return { fitted, options, request, chooser, measured: undefined };
  },
  step(s) {
    const count = Math.max(s.request.draws, s.options.samples);
    return andThen(s.request.proposal!.sample(count, s.chooser.split('draws')), (sampled) =>
      andThen(measure(s.fitted.target, sampled), (measured) => {
        s.measured = measured;
        const draws = measured.draws.slice(0, s.request.draws);
        const progress = { phase: 'policy', draws: draws.length, wanted: s.request.draws };
        return { state: s, draws, progress, done: true };
      }),
    );
  },
  finish(s) {
    if (s.measured === undefined) throw fail('P902', 'interrupted before anything was drawn');
    const { fitted, request } = s;
    return lawResult(
      { engine: 'policy', fitted, wanted: request.draws, modelCalls: s.measured.draws.length },
      s.measured,
    );
  },
};
