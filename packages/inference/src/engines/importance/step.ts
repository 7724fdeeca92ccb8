import { andThen, type Maybe } from '../../bind/index.ts';
import type { Draw, Step } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { chooseDraws } from './choose-draws.ts';
import { chunkCount, proposalChunk, type ProposalChunk } from './chunk.ts';
import type { ImportanceState } from './state.ts';

/** Takes the proposals of a chunk into the state; gives those that are handed out as they are. */
function absorb(s: ImportanceState, chunk: ProposalChunk): readonly Draw[] {
  const { size, tokens, logWeight, killer } = chunk;
  const { proposals } = s;
  const first = proposals.size;
  proposals.add(chunk);
  for (let i = 0; i < size; i++) {
    if (killer[i] >= 0) s.killed[killer[i]]++;
    s.weights.add(logWeight[i]);
  }
  s.chunks++;
  s.modelCalls += size;
  s.tokens += tokens.length;
  if (s.options.resample) return [];
  const fresh = Array.from({ length: size }, (_, i) => proposals.draw(first + i));
  for (const draw of fresh) s.handed.push(draw);
  return fresh;
}

function report(s: ImportanceState, draws: readonly Draw[], done: boolean): Step<ImportanceState> {
  return {
    state: s,
    draws,
    done,
    progress: {
      phase: 'importance',
      draws: s.proposals.size,
      wanted: s.wanted,
      ess: s.weights.ess,
      logZ: s.weights.logMean,
      modelCalls: s.modelCalls,
      tokens: s.tokens,
    },
  };
}

const enough = (s: ImportanceState): boolean => s.proposals.size >= s.most;

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
