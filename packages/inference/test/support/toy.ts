import type { Chooser } from '@postulate/models';
import { engineNamed, factorsOf, type Draw, type Request, type Target } from '../../src/index.ts';
import { everySequence } from '../bind/support.ts';

/** A prior of two letters and at most two of them, on which every path of an engine's choices can be visited. */
export const TOY =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "b": 0.4, "$": 0.6 }, "b": { "b": 0.5, "$": 0.5 } }, max_tokens = 2)\n';

export const key = (d: Pick<Draw, 'tokens' | 'finished'>): string => `${[...d.tokens].join()}${d.finished ? '$' : ''}`;

/** Prior mass and φ of every sequence that the prior can produce. */
export async function masses(
  t: Target,
): Promise<ReadonlyMap<string, { readonly prior: number; readonly phi: number }>> {
  const batch = everySequence(t.prior);
  const prior = await t.prior.logProb(batch);
  const logs = await Promise.all(factorsOf(t).map((f) => f.logWeights(batch)));
  const found = new Map<string, { prior: number; phi: number }>();
  for (let i = 0; i < batch.size; i++) {
    const tokens = batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]);
    const phi = Math.exp(logs.reduce((s, l) => s + l[i], 0));
    if (prior[i] > -Infinity)
      found.set(key({ tokens, finished: batch.finished[i] === 1 }), { prior: Math.exp(prior[i]), phi });
  }
  return found;
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
