import { andThen, type Maybe } from '../bind/index.ts';
import type { Draw, Engine, Step } from '../port/index.ts';
import { workOn } from '../work/index.ts';
import { chooseDraws } from './choose-draws.ts';
import { pimhDraws } from './pimh.ts';
import type { RunChunk, RunsState } from './state.ts';

/** Sequences of the prior that one run grows. */
export function callsPerRun({ plan }: RunsState): number {
  return plan.particles * plan.expansion;
}

/** The draws of what has been run so far. */
export function drawsOf(s: RunsState): RunsState['chosen'] & {} {
  return s.options.pimh ? pimhDraws(s) : chooseDraws(s);
}

function report(s: RunsState, draws: readonly Draw[], done: boolean): Step<RunsState> {
  return {
    state: s,
    draws,
    done,
    progress: {
      phase: s.engine,
      draws: s.runs.length,
      wanted: s.plan.runs,
      ess: s.totals.ess,
      logZ: s.totals.moments.logMean,
      modelCalls: s.pilotCalls + s.runs.length * callsPerRun(s),
      tokens: s.totals.tokens,
    },
  };
}

/** Does one run; after the last, chooses the draws. */
export function runsStep(engine: Pick<Engine<object, RunsState>, 'chunk'>, s: RunsState): Maybe<Step<RunsState>> {
  return andThen(workOn<RunsState, RunChunk>(engine, s, s.runs.length), (run) => {
    s.runs.push(run);
    s.totals.add(run);
    if (s.runs.length < s.plan.runs) return report(s, [], false);
    s.chosen ??= drawsOf(s);
    return report(s, s.chosen.draws, true);
  });
}
