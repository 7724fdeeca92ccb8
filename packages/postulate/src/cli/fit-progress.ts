import type { FitStep } from '../api/types.ts';
import { figure } from './numbers.ts';
import type { Terminal } from './terminal.ts';

const short = (x: number, digits = 4): string => figure(Number.isFinite(x) ? Number(x.toPrecision(digits)) : x);

/** One line of where a training run stands: objective, bounds, divergence to the prior, variety, time of a step. */
export function fitLine(m: FitStep, steps: number, seconds: number): string {
  const logZ = m.extra['logZ'];
  return [
    `step ${m.step}/${steps}`,
    `loss ${short(m.loss)}`,
    `ELBO ${short(m.elbo)}`,
    ...(logZ === undefined ? [] : [`log Z ${short(logZ)}`]),
    `KL to prior ${short(m.kl)}`,
    `entropy ${short(m.entropy)}`,
    `distinct-2 ${short(m.distinct2, 2)}`,
    `violating ${short(100 * m.violating, 2)}%`,
    `${short(1000 * seconds, 2)} ms/step`,
  ].join(' · ');
}

/** Share of the mean time of a step that older steps keep. */
const KEPT = 0.9;

/** Redraws the line at most ten times a second; it does nothing off a terminal. */
export function fitDisplay(terminal: Terminal, steps: number): (step: FitStep) => void {
  let last = -Infinity;
  let mean = NaN;
  return (step) => {
    mean = Number.isNaN(mean) ? step.seconds : KEPT * mean + (1 - KEPT) * step.seconds;
    const now = performance.now();
    if (!terminal.live || now - last < 100) return;
    last = now;
    terminal.status(fitLine(step, steps, mean));
  };
}
