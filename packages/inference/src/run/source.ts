import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { engineNamed } from '../engines/index.ts';
import type { Draw, Target } from '../port/index.ts';
import { takingTurns } from '../work/index.ts';
import { engineOptions } from './options.ts';

type Given = Readonly<Record<string, unknown>>;

const PREFIX = 'source.';

/** Options of the engine itself, and those written `source.NAME` for the engine that it learns from. */
export function splitSource(given: Given = {}): { readonly own: Given; readonly source: Given } {
  const entries = Object.entries(given);
  return {
    own: Object.fromEntries(entries.filter(([name]) => !name.startsWith(PREFIX))),
    source: Object.fromEntries(
      entries.filter(([name]) => name.startsWith(PREFIX)).map(([name, v]) => [name.slice(PREFIX.length), v]),
    ),
  };
}

/** Draws of the engine that the option `source` names, with their weights; undefined where the engine has no such option. */
export async function sourceDraws(
  target: Target,
  options: Given,
  given: Given,
  chooser: Chooser,
  signal?: AbortSignal,
): Promise<readonly Draw[] | undefined> {
  const { source, draws } = options;
  const extra = Object.keys(given)[0];
  if (source === undefined && extra === undefined) return undefined;
  if (source === undefined) {
    throw fail('P602', `${PREFIX}${extra} is given, but this engine learns from no other`, { kind: 'usage' });
  }
  const engine = engineNamed(String(source));
  const chosen = engineOptions(engine, given);
  const fit = engine.fitness(target, chosen);
  if (!fit.fits) throw fail(fit.diagnostic.code, fit.diagnostic.message, fit.diagnostic);
  const own = chooser.split(engine.name);
  const request = { draws: Number(draws), budget: Infinity, signal };
  let state = await engine.init(target, chosen, request, own);
  const turn = takingTurns();
  for (let done = false; !done; await turn()) {
    signal?.throwIfAborted();
    const step = await engine.step(state, own);
    ({ state, done } = step);
  }
  return (await engine.finish(state)).draws;
}
