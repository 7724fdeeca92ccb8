import type { Progress } from '@postulate/inference';
import { compact, duration, figure, grouped } from './numbers.ts';
import type { Terminal } from './terminal.ts';

function timeLeft(progress: Progress, seconds: number): string | undefined {
  const { draws, wanted } = progress;
  if (draws <= 0 || draws >= wanted || seconds < 0.5) return undefined;
  return `${duration((seconds * (wanted - draws)) / draws)} left`;
}

/** One line of what a run knows so far; `seconds` is how long it has been going on. */
export function progressLine(progress: Progress, seconds: number): string {
  const { phase, draws, wanted, acceptanceRate, ess, logZ, modelCalls, tokens } = progress;
  const parts = [
    phase,
    draws > 0 && wanted > 0 ? `${grouped(draws)}/${grouped(wanted)} draws` : undefined,
    acceptanceRate === undefined ? undefined : `acceptance ${figure(Number((acceptanceRate * 100).toPrecision(3)))}%`,
    ess === undefined ? undefined : `ESS ${figure(Number(ess.toPrecision(4)))}`,
    logZ === undefined ? undefined : `log Z ${figure(Number(logZ.toPrecision(5)))}`,
    // Only what calls the prior generates tokens; an exact pass counts other things.
    !modelCalls || !tokens || seconds < 0.05 ? undefined : `${compact(tokens / seconds)} tokens/s`,
    !modelCalls || tokens ? undefined : `${grouped(modelCalls)} model calls`,
    timeLeft(progress, seconds),
  ];
  return parts.filter((p) => p !== undefined).join(' · ');
}

/** A callback that redraws the progress line at most ten times a second; it does nothing off a terminal. */
export function progressDisplay(terminal: Terminal, label = ''): (progress: Progress) => void {
  const started = performance.now();
  let last = -Infinity;
  return (progress) => {
    const now = performance.now();
    if (!terminal.live || now - last < 100) return;
    last = now;
    terminal.status(`${label}${progressLine(progress, (now - started) / 1000)}`);
  };
}
