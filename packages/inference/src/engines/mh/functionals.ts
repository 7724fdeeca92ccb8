import { bulkEss, rHat, tailEss, type ChainValues } from '../../diagnostics/index.ts';
import type { Chains } from '../../port/index.ts';
import type { ChainHistory, MhState } from './state.ts';
import { alongChain, logGamma } from './step.ts';

/** First tokens whose shares are followed: collisions of chains that no length or score shows. */
const FIRST_TOKENS = 3;

/** The first token of each recorded state, the end of sequence for the empty text. */
function firstTokens(s: MhState): ChainValues {
  const end = s.target.prior.vocabulary.size;
  return s.history.map((h) => alongChain(h, (x) => (x.tokens.length > 0 ? x.tokens[0] : end)));
}

/** The most common first tokens, the most common one first. */
function commonest(chains: ChainValues): readonly number[] {
  const counts = new Map<number, number>();
  for (const chain of chains) for (const token of chain) counts.set(token, (counts.get(token) ?? 0) + 1);
  const order = [...counts].sort(([a, m], [b, n]) => n - m || a - b);
  return order.slice(0, FIRST_TOKENS).map(([token]) => token);
}

/** Values of the k-th named function along a chain. */
export const namedAlong = (h: ChainHistory, k: number): Float64Array =>
  Float64Array.from(h.recorded, (i) => h.named[k][i]);

/** What the convergence of chains is judged by: log γ, log prior, length, every named function, and first tokens. */
export function functionals(s: MhState): readonly { readonly name: string; readonly chains: ChainValues }[] {
  const { tokens } = s.target.prior.vocabulary;
  const first = firstTokens(s);
  return [
    { name: 'log gamma', chains: s.history.map((h) => alongChain(h, logGamma)) },
    { name: 'log prior', chains: s.history.map((h) => alongChain(h, (x) => x.logPrior)) },
    { name: 'length', chains: s.history.map((h) => alongChain(h, (x) => x.tokens.length)) },
    ...s.target.named.map((f, k) => ({ name: f.name, chains: s.history.map((h) => namedAlong(h, k)) })),
    ...commonest(first).map((token) => ({
      name: token === tokens.length ? 'first token: none' : `first token: ${JSON.stringify(tokens[token])}`,
      chains: first.map((c) => c.map((t) => (t === token ? 1 : 0))),
    })),
  ];
}

export type Functional = Chains['functionals'][number];

/** Functionals with what they say about convergence. */
export function judged(s: MhState): readonly Functional[] {
  return functionals(s).map(({ name, chains }) => ({
    name,
    chains,
    rHat: rHat(chains),
    bulkEss: bulkEss(chains),
    tailEss: tailEss(chains),
  }));
}
