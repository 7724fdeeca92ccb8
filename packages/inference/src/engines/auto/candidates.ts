import { isTabulated } from '../../dp/index.ts';
import { isMachine } from '../../machine/index.ts';
import { awrsEngine } from '../awrs/index.ts';
import { exactEngine } from '../exact/index.ts';
import { importanceEngine } from '../importance/index.ts';
import { rejectionEngine } from '../rejection/index.ts';
import { smcEngine } from '../smc/index.ts';
import type { Chooser } from '@postulate/models';
import type { Engine, Request, Target } from '../../port/index.ts';

/** An engine of any options and state, as `auto` drives it. */
export type AnyEngine = Engine<object, unknown>;

export const EXACT = exactEngine as unknown as AnyEngine;
export const REJECTION = rejectionEngine as unknown as AnyEngine;
export const IMPORTANCE = importanceEngine as unknown as AnyEngine;

const AWRS = awrsEngine as unknown as AnyEngine;
const SMC = smcEngine as unknown as AnyEngine;

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

/**
 * The engine where too few texts of the prior are any good: one that is steered by what can be told of a prefix, if there
 * is something of the kind. A finite-state prior allows looking ahead; else tokens that break an event are rejected.
 */
function steered(target: Target): Choice {
  const factors = target.stages.flatMap((s) => s.factors);
  const steering = factors.filter((f) => isMachine(f.machine()));
  const labels = steering.map((f) => f.label).join(', ');
  if (steering.length > 0 && isTabulated(target.prior) && SMC.fitness(target).fits) {
    return { engine: SMC, reason: `smc, because it can look ahead by ${labels}` };
  }
  if (AWRS.fitness(target).fits)
    return { engine: AWRS, reason: `awrs, because prefixes can be tested against ${labels}` };
  if (steering.length > 0 && SMC.fitness(target).fits) {
    return { engine: SMC, reason: `smc, because prefixes can be scored by ${labels}` };
  }
  return { engine: IMPORTANCE, reason: 'importance, because no factor tells anything of a prefix' };
}

/** The engine of those that grow texts side by side which is steered by what prefixes tell; undefined where they tell nothing. */
export function steeredEngine(target: Target): AnyEngine | undefined {
  const { engine } = steered(target);
  return engine === IMPORTANCE ? undefined : engine;
}

/** Which sampling engine suits a target that cannot be run exactly; the reasons, what was tried first. */
export async function chooseSampler(
  target: Target,
  options: AutoOptions,
  request: Request,
  chooser: Chooser,
): Promise<{ readonly engine: AnyEngine; readonly reasons: readonly string[] }> {
  const other = (why: string) => {
    const { engine, reason } = steered(target);
    return { engine, reasons: [why, reason] };
  };
  const fit = REJECTION.fitness(target);
  if (!fit.fits) return other(`not rejection: ${fit.reason}`);
  const pilot = Math.min(options.pilot, request.budget);
  const acceptance = await pilotAcceptance(target, pilot, chooser);
  const most = Math.min(options.maxProposals, request.budget - pilot);
  const draws = request.draws > 0 ? request.draws : 1000;
  const rate = `${(100 * acceptance).toPrecision(3)}% of ${pilot} pilot texts`;
  if (acceptance * most >= 1.5 * draws) {
    return { engine: REJECTION, reasons: [`rejection, because it accepts ${rate}`] };
  }
  return other(`not rejection: it accepts ${rate}, too few for ${draws} draws from ${most} proposals`);
}
