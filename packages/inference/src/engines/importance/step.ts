import { andThen, asTexts, logFactors, subBatch, type FactorWeights, type Maybe } from '../../bind/index.ts';
import { namedValues } from '../../diagnostics/index.ts';
import { LogWeightMoments } from '../../numeric/index.ts';
import type { SampledBatch } from '@postulate/models';
import type { Draw, Step } from '../../port/index.ts';
import { chooseDraws } from './choose-draws.ts';
import type { ImportanceState } from './state.ts';

function keep(s: ImportanceState, batch: SampledBatch, weights: FactorWeights): readonly Draw[] {
  const fresh: Draw[] = [];
  for (let i = 0; i < batch.size; i++) {
    const logFactor = weights.logFactor[i];
    if (weights.killer[i] >= 0) s.killed[weights.killer[i]]++;
    fresh.push({
      tokens: batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]),
      finished: batch.finished[i] === 1,
      logPrior: batch.logProbs[i],
      logFactor,
      logWeight: logFactor,
    });
  }
  s.proposals.push(...fresh);
  return fresh;
}

function report(s: ImportanceState, draws: readonly Draw[], done: boolean): Step<ImportanceState> {
  const moments = new LogWeightMoments();
  for (const p of s.proposals) moments.add(p.logWeight);
  return {
    state: s,
    draws,
    done,
    progress: {
      phase: 'importance',
      draws: s.proposals.length,
      wanted: s.wanted,
      ess: moments.ess,
      logZ: moments.logMean,
      modelCalls: s.modelCalls,
      tokens: s.tokens,
    },
  };
}

const enough = (s: ImportanceState): boolean => s.proposals.length >= s.wanted || s.modelCalls >= s.request.budget;

function conclude(s: ImportanceState, fresh: readonly Draw[]): Step<ImportanceState> {
  if (!s.options.resample) return report(s, fresh, enough(s));
  if (!enough(s)) return report(s, [], false);
  s.chosen ??= chooseDraws(s);
  return report(s, s.chosen, true);
}

/** Draws and weighs one batch of proposals; after the last one, resamples. */
export function importanceStep(s: ImportanceState): Maybe<Step<ImportanceState>> {
  if (enough(s)) return conclude(s, []);
  const count = Math.min(s.options.batch, s.wanted - s.proposals.length, s.request.budget - s.modelCalls);
  return andThen(s.target.prior.sample(count, s.chooser.split(`propose ${s.batches}`)), (sampled) => {
    const batch = asTexts(s.target.prior.vocabulary, sampled);
    return andThen(logFactors(s.factors, batch), (weights) => {
      const rows = Int32Array.from(weights.logFactor.keys()).filter((i) => weights.logFactor[i] > -Infinity);
      return andThen(namedValues(s.target.named, subBatch(batch, rows)), (values) => {
        const first = s.proposals.length;
        values.forEach((v, k) => {
          for (let i = 0; i < batch.size; i++) s.named[k].push(NaN);
          rows.forEach((row, i) => (s.named[k][first + row] = v[i]));
        });
        const fresh = keep(s, sampled, weights);
        s.batches++;
        s.modelCalls += sampled.size;
        s.tokens += sampled.tokens.length;
        return conclude(s, fresh);
      });
    });
  });
}
