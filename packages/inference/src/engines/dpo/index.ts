import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { andThen, type Maybe } from '../../bind/index.ts';
import { sigmoid, logSigmoid } from '../../numeric/index.ts';
import {
  ascend,
  draw,
  hardDraw,
  logUnder,
  NO_MEMORY,
  refuseHard,
  TRAINING_DEFAULTS,
  TRAINING_HELP,
  variationalEngine,
  type Drawn,
  type Learner,
  type StepFigures,
  type Training,
  type TrainingOptions,
} from '../../variational/index.ts';

export interface DpoOptions extends TrainingOptions {
  readonly scale: number;
  readonly pairs: string;
}

const DEFAULTS: DpoOptions = { ...TRAINING_DEFAULTS, scale: 1, pairs: 'prior' };

/** Pairs of neighbours within each target. */
function* pairsOf({ groups }: Drawn): Generator<readonly [number, number]> {
  for (const { from, to } of groups) for (let i = from; i + 1 < to; i += 2) yield [i, i + 1];
}

/** Coefficients of −log σ(s h) with h = log(π/prior)(w) − log(π/prior)(l), w chosen with probability σ(s (log φ(i) − log φ(j))). */
function learnFrom(drawn: Drawn, logPi: Float64Array, scale: number, chooser: Chooser) {
  const coefficients = new Float64Array(logPi.length);
  const margin = logPi.map((l, i) => l - drawn.logPrior[i]);
  const pairs = [...pairsOf(drawn)];
  let [loss, agree] = [0, 0];
  for (const [i, j] of pairs) {
    const gap = scale * (drawn.logFactor[i] - drawn.logFactor[j]);
    const first = chooser.choose([logSigmoid(gap), logSigmoid(-gap)]) === 0;
    const [w, l] = first ? [i, j] : [j, i];
    const h = scale * (margin[w] - margin[l]);
    const c = (scale * sigmoid(-h)) / pairs.length;
    coefficients[w] += c;
    coefficients[l] -= c;
    loss -= logSigmoid(h) / pairs.length;
    if (h > 0) agree += 1 / pairs.length;
  }
  return { coefficients, loss, agree };
}

function step(t: Training, { scale, pairs }: DpoOptions, chooser: Chooser): Maybe<StepFigures> {
  const own = pairs === 'policy';
  const laws = own ? t.policy.laws : t.targets.map((x) => x.prior);
  return andThen(draw(t, laws, chooser.split('texts')), (drawn) => {
    hardDraw(t, drawn);
    return andThen(logUnder(t.policy.laws, drawn), (logPi) => {
      const { coefficients, loss, agree } = learnFrom(drawn, logPi, scale, chooser.split('labels'));
      return andThen(ascend(t, drawn, coefficients), (info) => ({
        ...{ drawn, logPi, onPolicy: own, info, loss, bound: -loss, extra: { accuracy: agree } },
      }));
    });
  });
}

/**
 * Direct preference optimisation (Rafailov et al. 2023) as another road to the same posterior: pairs labelled with Bradley–Terry
 * noise from the stated log φ, whose minimiser has log(π/prior) = log φ + const (`algorithms.md` 8). Labels are drawn, never the
 * larger one taken: under certain labels no finite policy would be best.
 */
export const dpoEngine = variationalEngine<DpoOptions>({
  name: 'dpo',
  summary: 'trains a policy on pairs preferred with Bradley-Terry noise by the stated reward (DPO)',
  defaults: DEFAULTS,
  optionHelp: {
    ...TRAINING_HELP,
    scale: 'noise of the preferences: the larger, the more certain; it does not move the optimum',
    pairs: 'where the texts of a pair come from: prior or policy',
  },
  fitness(target) {
    const fit = refuseHard('dpo', target, 'a preference');
    return fit.fits ? { fits: true, note: 'the posterior from preferences, as far as pairs reach' } : fit;
  },
  check({ pairs, scale }) {
    if (pairs !== 'prior' && pairs !== 'policy') {
      throw fail('P602', `pairs is prior or policy, found ${pairs}`, { kind: 'usage' });
    }
    if (!(scale > 0)) throw fail('P602', `scale is above 0, found ${scale}`, { kind: 'usage' });
  },
  learner: (options): Learner => ({
    step: (t, chooser) => step(t, options, chooser),
    save: () => NO_MEMORY,
    load: () => {},
  }),
});
