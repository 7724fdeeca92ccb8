import { exactEngine } from '../exact/index.ts';
import { importanceEngine } from '../importance/index.ts';
import { rejectionEngine } from '../rejection/index.ts';
import type { Chooser } from '@postulate/models';
import type { Engine, Request, Target } from '../../port/index.ts';

/** An engine of any options and state, as `auto` drives it. */
export type AnyEngine = Engine<object, unknown>;

export const EXACT = exactEngine as unknown as AnyEngine;
export const REJECTION = rejectionEngine as unknown as AnyEngine;
export const IMPORTANCE = importanceEngine as unknown as AnyEngine;

export interface AutoOptions {
  readonly pilot: number;
  readonly maxProposals: number;
}

/** Share of pilot texts that rejection would accept. The pilot's draws are thrown away: what is kept must not depend on it. */
async function pilotAcceptance(target: Target, pilot: number, chooser: Chooser): Promise<number> {
  const request: Request = { draws: pilot, budget: pilot };
  const state = await rejectionEngine.init(target, rejectionEngine.defaults, request, chooser);
  while (!(await rejectionEngine.step(state, chooser)).done);
  return state.trials === 0 ? 0 : state.accepted / state.trials;
}

export interface Choice {
  readonly engine: AnyEngine;
  readonly reason: string;
}

/** Which sampling engine suits a target that cannot be run exactly. */
export async function chooseSampler(
  target: Target,
  options: AutoOptions,
  request: Request,
  chooser: Chooser,
): Promise<Choice> {
  const fit = REJECTION.fitness(target);
  if (!fit.fits) return { engine: IMPORTANCE, reason: `importance, because rejection cannot run it: ${fit.reason}` };
  const pilot = Math.min(options.pilot, request.budget);
  const acceptance = await pilotAcceptance(target, pilot, chooser);
  const most = Math.min(options.maxProposals, request.budget - pilot);
  const draws = request.draws > 0 ? request.draws : 1000;
  const rate = `${(100 * acceptance).toPrecision(3)}% of ${pilot} pilot texts`;
  if (acceptance * most >= 1.5 * draws) return { engine: REJECTION, reason: `rejection, because it accepts ${rate}` };
  return {
    engine: IMPORTANCE,
    reason: `importance, because rejection accepts ${rate}: too few for ${draws} draws from ${most} proposals`,
  };
}
