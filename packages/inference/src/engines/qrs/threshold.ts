import { fail } from '@postulate/graph';
import { whole } from '../../options/index.ts';
import type { QrsOptions } from './state.ts';
import { acceptanceAt, totalVariationAt } from './trade-off.ts';

export interface ChosenThreshold {
  /** log M. */
  readonly logThreshold: number;
  /** How it was chosen, a sentence. */
  readonly reason: string;
}

/** Whether the threshold comes from a pilot; a given one and a posterior without factors need none. */
export function needsPilot(options: QrsOptions): boolean {
  return options.threshold === 0;
}

/** Throws P602 for options that contradict each other. */
export function checkOptions({ threshold, tv, acceptance, pilot, diagnose, batch }: QrsOptions): void {
  const usage = (message: string): Error => fail('P602', message, { kind: 'usage' });
  if (threshold > 0 && tv > 0) throw usage('of the options threshold and tv of qrs only one can be given');
  if (!Number.isFinite(threshold)) throw usage('the threshold of qrs is finite');
  for (const [name, value] of Object.entries({ pilot, diagnose, batch })) whole(name, value);
  if (tv >= 1) throw usage(`the total variation that qrs aims at is below 1, found ${tv}`);
  if (acceptance > 1) throw usage(`the acceptance rate that qrs aims at is at most 1, found ${acceptance}`);
}

const shown = (logM: number): string => `M = ${Math.exp(logM).toPrecision(4)}`;

/** The point of [lo, hi] where a falling function of it comes down to `goal`. */
function solveFalling(f: (x: number) => number, goal: number, lo: number, hi: number): number {
  let [a, b] = [lo, hi];
  for (let i = 0; i < 60 && b - a > 1e-12 * (1 + Math.abs(b)); i++) {
    const middle = (a + b) / 2;
    if (f(middle) > goal) a = middle;
    else b = middle;
  }
  return b;
}

/**
 * The threshold of a run from the log weights of its pilot: the smallest M whose total variation is the one asked for, else
 * the largest that still accepts the share asked for. Never above a proved bound: more would cost and gain nothing. The
 * pilot must hold a weight that is not zero.
 */
export function chooseThreshold(options: QrsOptions, pilot: Float64Array, logBound: number): ChosenThreshold {
  const capped = (logM: number, reason: string): ChosenThreshold =>
    logM < logBound
      ? { logThreshold: logM, reason: `${shown(logM)}, ${reason}` }
      : { logThreshold: logBound, reason: `${shown(logBound)}, the proved bound of the weights: exact rejection` };
  if (options.threshold > 0) {
    const logM = Math.log(options.threshold);
    if (logM < logBound) return { logThreshold: logM, reason: `${shown(logM)}, as given` };
    return { logThreshold: logM, reason: `${shown(logM)}, at least the proved bound of the weights: exact rejection` };
  }
  const live = pilot.filter((w) => w > -Infinity);
  const [least, most] = [live.reduce((a, b) => Math.min(a, b)), live.reduce((a, b) => Math.max(a, b))];
  const texts = `on ${pilot.length} pilot texts`;
  if (options.tv > 0) {
    const logM = solveFalling((x) => totalVariationAt(pilot, x), options.tv, least, most);
    return capped(logM, `the least with a total variation of ${options.tv} ${texts}`);
  }
  const goal = options.acceptance;
  const alive = live.length / pilot.length;
  if (alive <= goal) {
    const rate = `${(100 * alive).toPrecision(3)}%`;
    return capped(least, `the least weight seen ${texts}: only ${rate} of them have positive weight`);
  }
  // Beyond the largest weight seen the acceptance rate is mean weight / M.
  const far = most + Math.max(0, Math.log(acceptanceAt(pilot, most) / goal));
  const logM = solveFalling((x) => acceptanceAt(pilot, x), goal, least, far);
  return capped(logM, `the largest that accepts ${100 * goal}% ${texts}`);
}
