import { PostError } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { weightedResult, type WeightedResult } from '../../../testing/src/index.ts';
import { engineNamed, factorsOf, type Draw, type Request, type Target } from '../../src/index.ts';
import { everySequence } from '../bind/support.ts';

/** A prior of two letters and at most two of them, on which every path of an engine's choices can be visited. */
export const TOY =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "b": 0.4, "$": 0.6 }, "b": { "b": 0.5, "$": 0.5 } }, max_tokens = 2)\n';

/** A text by its tokens, with `$` for its end. */
export const keyOf = (tokens: ArrayLike<number>, finished = false): string =>
  `${Array.from(tokens).join()}${finished ? '$' : ''}`;

export const key = (d: Pick<Draw, 'tokens' | 'finished'>): string => keyOf(d.tokens, d.finished);

export interface Mass {
  readonly tokens: Int32Array;
  readonly finished: boolean;
  readonly prior: number;
  readonly phi: number;
}

/** Prior mass and φ of every sequence that the prior can produce. */
export async function masses(t: Target): Promise<ReadonlyMap<string, Mass>> {
  const batch = everySequence(t.prior);
  const prior = await t.prior.logProb(batch);
  const logs = await Promise.all(factorsOf(t).map((f) => f.logWeights(batch)));
  const found = new Map<string, Mass>();
  for (let i = 0; i < batch.size; i++) {
    if (prior[i] === -Infinity) continue;
    const tokens = batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]);
    const finished = batch.finished[i] === 1;
    const phi = Math.exp(logs.reduce((s, l) => s + l[i], 0));
    found.set(keyOf(tokens, finished), { tokens, finished, prior: Math.exp(prior[i]), phi });
  }
  return found;
}

/** γ = prior · φ of every sequence that has any, in the plain scale. */
export async function gamma(t: Target): Promise<ReadonlyMap<string, number>> {
  const all = [...(await masses(t))].map(([k, m]) => [k, m.prior * m.phi] as const);
  return new Map(all.filter(([, mass]) => mass > 0));
}

/** One run of an engine with its state kept, on a path of choices. */
export async function runWith<State>(
  name: string,
  t: Target,
  options: object,
  request: Request,
  chooser: Chooser,
): Promise<State> {
  const engine = engineNamed(name);
  let state = await engine.init(t, { ...engine.defaults, ...options }, request, chooser);
  for (;;) {
    const step = await engine.step(state, chooser);
    ({ state } = step);
    if (step.done) return state as State;
  }
}

/** One run as properly weighted particles on a path of choices; a run that ends without a result has Ẑ = 0. */
export async function weightedRunOf(
  name: string,
  t: Target,
  options: object,
  request: Request,
  chooser: Chooser,
): Promise<WeightedResult> {
  try {
    return weightedResult(await engineNamed(name).finish(await runWith(name, t, options, request, chooser)), key);
  } catch (error) {
    if (error instanceof PostError && (error.code === 'P603' || error.code === 'P604'))
      return { logZ: -Infinity, particles: [] };
    throw error;
  }
}
