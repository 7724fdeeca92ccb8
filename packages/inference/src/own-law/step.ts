import { andThen, asTexts, logFactors, type Maybe } from '../bind/index.ts';
import { namedValues } from '../diagnostics/index.ts';
import type { Draw, Step } from '../port/index.ts';
import type { DecodedChunk, OwnLawState } from './state.ts';

/** Draws and scores the texts of one chunk, each chunk from its own stream. */
export function decodeChunk(s: OwnLawState, index: number): Maybe<DecodedChunk> {
  const { prior, named } = s.target;
  const count = Math.max(0, Math.min(s.batch, s.wanted - index * s.batch));
  return andThen(s.policy.sample(count, s.chooser.split(index)), (drawn) => {
    const batch = asTexts(prior.vocabulary, drawn);
    return andThen(prior.logProb(batch), (logPrior) =>
      andThen(logFactors(s.factors, batch), ({ logFactor, killer }) =>
        andThen(namedValues(named, batch), (values): DecodedChunk => {
          const { tokens, offsets, finished, logProbs: logProposal } = drawn;
          return { tokens, offsets, finished, logProposal, logPrior, logFactor, killer, named: values };
        }),
      ),
    );
  });
}

const logWeight = (logPrior: number, logFactor: number, logProposal: number): number =>
  logFactor === -Infinity ? -Infinity : logPrior + logFactor - logProposal;

/** log γ − log q of each text. */
export function logWeightsOf(s: OwnLawState): Float64Array {
  return Float64Array.from(s.texts, (d, i) => logWeight(d.logPrior, d.logFactor, s.logProposal[i]));
}

/** Adds a chunk to what is known; returns the draws that are to be handed out. */
export function keepChunk(s: OwnLawState, chunk: DecodedChunk): readonly Draw[] {
  const before = s.texts.length;
  chunk.logPrior.forEach((logPrior, i) => {
    s.texts.push({
      tokens: chunk.tokens.slice(chunk.offsets[i], chunk.offsets[i + 1]),
      finished: chunk.finished[i] === 1,
      logPrior,
      logFactor: chunk.logFactor[i],
      logWeight: 0,
    });
    s.logProposal.push(chunk.logProposal[i]);
    s.weights.add(logWeight(logPrior, chunk.logFactor[i], chunk.logProposal[i]));
    if (chunk.killer[i] >= 0) s.killed[chunk.killer[i]]++;
  });
  chunk.named.forEach((values, k) => values.forEach((v) => s.named[k].push(v)));
  s.chunks++;
  s.tokens += chunk.tokens.length;
  return s.texts.slice(before, Math.max(before, s.request.draws));
}

export function reportStep(s: OwnLawState, draws: readonly Draw[]): Step<OwnLawState> {
  return {
    state: s,
    draws,
    done: s.texts.length >= s.wanted,
    progress: {
      phase: s.words.engine.replace('-', ' '),
      draws: s.texts.length,
      wanted: s.wanted,
      ess: s.weights.ess,
      logZ: s.weights.logMean,
      modelCalls: s.prepared + s.texts.length,
      tokens: s.tokens,
    },
  };
}
