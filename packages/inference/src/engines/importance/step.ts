import { andThen, type Maybe } from '../../bind/index.ts';
import type { Draw, Step } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { chooseDraws } from './choose-draws.ts';
import { chunkCount, proposalChunk, type ProposalChunk } from './chunk.ts';
import type { ImportanceState } from './state.ts';

/** Takes the proposals of a chunk into the state. */
function absorb(s: ImportanceState, chunk: ProposalChunk): readonly Draw[] {
  const { size, tokens, offsets, finished, logPrior, logFactor, logWeight, killer } = chunk;
  const first = s.proposals.length;
  const fresh: Draw[] = [];
  for (let i = 0; i < size; i++) {
    if (killer[i] >= 0) s.killed[killer[i]]++;
    s.weights.add(logWeight[i]);
    fresh.push({
      tokens: tokens.slice(offsets[i], offsets[i + 1]),
      finished: finished[i] === 1,
      logPrior: logPrior[i],
      logFactor: logFactor[i],
      logWeight: logWeight[i],
    });
  }
  chunk.values.forEach((values, k) => {
    for (let i = 0; i < size; i++) s.named[k].push(NaN);
    chunk.live.forEach((row, i) => (s.named[k][first + row] = values[i]));
  });
  s.proposals.push(...fresh);
  s.chunks++;
  s.modelCalls += size;
  s.tokens += tokens.length;
  return fresh;
}

function report(s: ImportanceState, draws: readonly Draw[], done: boolean): Step<ImportanceState> {
  return {
    state: s,
    draws,
    done,
    progress: {
      phase: 'importance',
      draws: s.proposals.length,
      wanted: s.wanted,
      ess: s.weights.ess,
      logZ: s.weights.logMean,
      modelCalls: s.modelCalls,
      tokens: s.tokens,
    },
  };
}

const enough = (s: ImportanceState): boolean => s.proposals.length >= s.most;

function conclude(s: ImportanceState, fresh: readonly Draw[]): Step<ImportanceState> {
  if (!s.options.resample) return report(s, fresh, enough(s));
  if (!enough(s)) return report(s, [], false);
  s.chosen ??= chooseDraws(s);
  return report(s, s.chosen, true);
}

const work = { chunk: proposalChunk, chunks: chunkCount };

/** Draws and weighs one batch of proposals; after the last one, resamples. */
export function importanceStep(s: ImportanceState): Maybe<Step<ImportanceState>> {
  if (enough(s)) return conclude(s, []);
  return andThen(workOn<ImportanceState, ProposalChunk>(work, s, s.chunks), (chunk) => conclude(s, absorb(s, chunk)));
}
