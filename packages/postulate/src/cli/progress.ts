import type { Progress } from '@postulate/inference';
import { compact, duration, figure, grouped } from './numbers.ts';
import type { Terminal } from './terminal.ts';

/** What came about in the last while: new draws and tokens, and the seconds they took. */
export interface Pace {
  readonly seconds: number;
  readonly draws: number;
  readonly tokens: number;
}

function timeLeft({ draws, wanted }: Progress, pace: Pace): string | undefined {
  if (pace.draws <= 0 || draws >= wanted || pace.seconds < 0.5) return undefined;
  return `${duration((pace.seconds * (wanted - draws)) / pace.draws)} left`;
}

/** One line of what a run knows so far. */
export function progressLine(progress: Progress, pace: Pace): string {
  const { phase, draws, wanted, acceptanceRate, ess, logZ, modelCalls, tokens } = progress;
  const parts = [
    phase,
    draws > 0 && wanted > 0 ? `${grouped(draws)}/${grouped(wanted)} draws` : undefined,
    acceptanceRate === undefined ? undefined : `acceptance ${figure(Number((acceptanceRate * 100).toPrecision(3)))}%`,
    ess === undefined ? undefined : `ESS ${figure(Number(ess.toPrecision(4)))}`,
    logZ === undefined ? undefined : `log Z ${figure(Number(logZ.toPrecision(5)))}`,
    // Only what calls the prior generates tokens; an exact pass counts other things.
    !modelCalls || !tokens || pace.seconds < 0.05 ? undefined : `${compact(pace.tokens / pace.seconds)} tokens/s`,
    !modelCalls || tokens ? undefined : `${grouped(modelCalls)} model calls`,
    timeLeft(progress, pace),
  ];
  return parts.filter((p) => p !== undefined).join(' · ');
}

/** Seconds that a pace looks back: what a run folder gave at once does not count for long. */
const WINDOW = 10;

interface Mark {
  readonly at: number;
  readonly draws: number;
  readonly tokens: number;
}

/** Keeps the pace of a run; `at` in seconds. It starts again where the next member of a family does. */
export function paceKeeper(start: number): (progress: Progress, at: number) => Pace {
  let marks: Mark[] = [{ at: start, draws: 0, tokens: 0 }];
  return ({ draws, tokens = 0 }, at) => {
    const last = marks[marks.length - 1];
    if (draws < last.draws || tokens < last.tokens) marks = [{ at: last.at, draws: 0, tokens: 0 }];
    marks.push({ at, draws, tokens });
    while (marks.length > 2 && at - marks[1].at >= WINDOW) marks.shift();
    const [from] = marks;
    return { seconds: at - from.at, draws: draws - from.draws, tokens: tokens - from.tokens };
  };
}

/** A callback that redraws the progress line at most ten times a second; it does nothing off a terminal. */
export function progressDisplay(terminal: Terminal, label = ''): (progress: Progress) => void {
  const paceOf = paceKeeper(performance.now() / 1000);
  let last = -Infinity;
  return (progress) => {
    const now = performance.now();
    if (!terminal.live || now - last < 100) return;
    last = now;
    terminal.status(`${label}${progressLine(progress, paceOf(progress, now / 1000))}`);
  };
}
