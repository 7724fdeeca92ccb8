import { PostError } from '@postulate/graph';
import { engineNamed, run, steeredEngine, type Target } from '@postulate/inference';
import type { Chooser } from '@postulate/models';
import type { TokenText } from '../../arbitraries/texts.ts';

const DRAWS = 200;
/** Of engines that grow texts side by side: small, for these draws need not be judged by anything. */
const RUNS = { particles: 16, runs: 32 };

/** Draws of a posterior itself: exact ones where they can be had, else such as are steered by prefixes. Often none. */
export async function ownDraws(target: Target, chooser: Chooser): Promise<readonly TokenText[]> {
  const exact = engineNamed('exact').fitness(target).fits;
  const engine = exact ? 'exact' : steeredEngine(target)?.name;
  if (engine === undefined) return [];
  try {
    const seed = String(chooser.uniform!());
    const { draws } = await run(target, { engine, draws: DRAWS, seed, options: exact ? {} : RUNS });
    return draws.map(({ tokens, finished }) => ({ tokens: [...tokens], finished }));
  } catch (error) {
    // Whoever only looks for texts to try goes without; what is wrong with the definition is said where it is asked about.
    if (!(error instanceof PostError)) throw error;
    return [];
  }
}
