import type { Chooser } from '@postulate/models';
import { weigh } from '../../bind/index.ts';
import { allDead } from '../../diagnostics/index.ts';
import type { Request, Target } from '../../port/index.ts';
import type { QrsOptions } from './state.ts';

const DEAD_HELP = 'try --engine exact, or raise the option pilot or diagnose, or weaken the factor';

/** The error of a run without a single text of positive weight. */
export function deadTexts(target: Target, killed: readonly number[], tried: number): Error {
  return allDead({ target, factors: target.stages[0].factors, killed, tried, texts: 'proposals', help: DEAD_HELP });
}

/**
 * Log weights of the pilot, whose texts are thrown away: at most `options.pilot` of them, fewer where the budget ends. Throws
 * P604 where all of them are dead.
 */
export async function pilotWeights(
  target: Target,
  options: QrsOptions,
  request: Request,
  chooser: Chooser,
): Promise<Float64Array> {
  const size = Math.min(options.pilot, request.budget);
  const weights = new Float64Array(size);
  const killed = new Array<number>(target.stages[0].factors.length + 1).fill(0);
  for (let from = 0; from < size; from += options.batch) {
    request.signal?.throwIfAborted();
    const law = request.proposal ?? target.prior;
    const sampled = await law.sample(Math.min(options.batch, size - from), chooser.split(from));
    const { logWeight, killer } = await weigh(target, request.proposal, sampled);
    weights.set(logWeight, from);
    for (const k of killer) if (k >= 0) killed[k]++;
  }
  if (weights.every((w) => w === -Infinity)) throw deadTexts(target, killed, size);
  return weights;
}
