import type { Chooser, LanguageModel, SampledBatch } from '@postulate/models';
import { joinBatches } from '../bind/index.ts';
import { all, andThen, type Maybe } from '../bind/maybe.ts';
import { flip } from '../chooser/index.ts';
import { logAddExp } from '../numeric/index.ts';
import { concatenate, contextsOfStep, draw, joinDrawn, textsEach, weighTexts } from './draw.ts';
import { shareOf } from './proposals.ts';
import type { Drawn, Laws, Training } from './training.ts';

/** Texts with what the policy they were drawn from, or some of them, says of each. */
export interface Steered {
  readonly drawn: Drawn;
  readonly logOwn: Float64Array;
}

/**
 * A step's texts. Where the run has a proposal q′, a coin decides for each text whether it comes from π or from q′, so that all are
 * draws of q = (1 − s)π + s q′ with s = `proposalShare`, whose density is `logQ`: weights π/q are below 1/(1 − s) whatever q′ misses
 * (defensive mixture, Hesterberg 1995).
 */
export function drawSteered(t: Training, laws: Laws, chooser: Chooser): Maybe<Steered> {
  const { proposals } = t;
  if (proposals === undefined) {
    return andThen(draw(t, laws, chooser), (drawn) => ({ drawn, logOwn: drawn.logQ }));
  }
  const contexts = contextsOfStep(t);
  const each = textsEach(contexts, t.options.batch);
  const parts = contexts.map((law) => mixture(t, law, [laws[law], proposals[law]], each, chooser.split(law)));
  return all(parts, (steered) => ({
    drawn: joinDrawn(steered.map((s) => s.drawn)),
    logOwn: concatenate(steered.map((s) => s.logOwn)),
  }));
}

type Pair = readonly [own: LanguageModel, other: LanguageModel];

function mixture(t: Training, law: number, models: Pair, count: number, chooser: Chooser): Maybe<Steered> {
  const coins = chooser.split('coins');
  const share = shareOf(t.options);
  const [logKept, logGiven] = [Math.log1p(-share), Math.log(share)];
  let own = 0;
  for (let i = 0; i < count; i++) if (flip(coins, logKept)) own++;
  const parts = [
    ...scored(models, 0, own, chooser.split('policy')),
    ...scored(models, 1, count - own, chooser.split('proposal')),
  ];
  return all(parts, (found) => {
    const logOwn = concatenate(found.map((f) => f.logs[0]));
    const logOther = concatenate(found.map((f) => f.logs[1]));
    const logProbs = logOwn.map((l, i) => logAddExp(logKept + l, logGiven + logOther[i]));
    const sequences = joinBatches(found.map((f) => f.batch));
    return andThen(weighTexts(t, law, { ...sequences, logProbs }), (part) => ({
      drawn: {
        ...part,
        groups: [{ law, from: 0, to: count }],
        laws: law === 0 ? undefined : new Int32Array(count).fill(law),
      },
      logOwn,
    }));
  });
}

interface Scored {
  readonly batch: SampledBatch;
  /** log density under the policy and under the proposal. */
  readonly logs: readonly [Float64Array, Float64Array];
}

/** `count` texts of one of two models, scored by both; none where there are none to draw. */
function scored(models: Pair, which: 0 | 1, count: number, chooser: Chooser): readonly Maybe<Scored>[] {
  if (count === 0) return [];
  return [
    andThen(models[which].sample(count, chooser), (batch) =>
      andThen(models[1 - which].logProb(batch), (other) => ({
        batch,
        logs: which === 0 ? [batch.logProbs, other] : [other, batch.logProbs],
      })),
    ),
  ];
}
