import { andThen, type Maybe } from '../../bind/index.ts';
import { LogWeightMoments } from '../../numeric/index.ts';
import type { Draw, Engine, Step } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { chooseDraws } from './choose-draws.ts';
import { pimhDraws } from './pimh.ts';
import type { SmcChunk, SmcState } from './state.ts';

/** Sequences of the prior that one run grows. */
export function callsPerRun({ plan }: SmcState): number {
  return plan.particles * plan.expansion;
}

/** The draws of what has been run so far. */
export function drawsOf(s: SmcState): SmcState['chosen'] & {} {
  return s.options.pimh ? pimhDraws(s) : chooseDraws(s);
}

function report(s: SmcState, draws: readonly Draw[], done: boolean): Step<SmcState> {
  const moments = new LogWeightMoments();
  for (const r of s.runs) moments.add(r.logZ);
  const last = s.runs[s.runs.length - 1];
  return {
    state: s,
    draws,
    done,
    progress: {
      phase: 'smc',
      draws: s.runs.length,
      wanted: s.plan.runs,
      ess: last.logZ === -Infinity ? 0 : 1 / last.lineageSquares,
      logZ: moments.logMean,
      modelCalls: s.pilotCalls + s.runs.length * callsPerRun(s),
      tokens: s.runs.reduce((n, r) => n + r.sampled, 0),
    },
  };
}

/** Does one run; after the last, chooses the draws. */
export function smcStep(engine: Pick<Engine<object, SmcState>, 'chunk'>, s: SmcState): Maybe<Step<SmcState>> {
  return andThen(workOn<SmcState, SmcChunk>(engine, s, s.runs.length), (run) => {
    s.runs.push(run);
    if (s.runs.length < s.plan.runs) return report(s, [], false);
    s.chosen ??= drawsOf(s);
    return report(s, s.chosen.draws, true);
  });
}
