import type { Chooser, SequenceBatch } from '@postulate/models';
import { andThen, asTexts, logFactors, type Maybe } from '../../bind/index.ts';
import { flip } from '../../chooser/index.ts';
import { stateOf } from './proposals.ts';
import type { ChainState, MhState } from './state.ts';

/**
 * Places a text can be cut at: before each token that the prior chose, and before its choice to end. A text of L tokens
 * that was stopped at `maxTokens` has no such choice: it has L places, a finished one L + 1.
 */
export function cuts(x: { readonly tokens: ArrayLike<number>; readonly finished: boolean }): number {
  return x.tokens.length + (x.finished ? 1 : 0);
}

/** A uniform cut t ∈ {0 … cuts − 1}: the first t tokens are kept. */
function chooseCut(x: ChainState, chooser: Chooser): number {
  const n = cuts(x);
  return chooser.uniform ? Math.floor(chooser.uniform() * n) : chooser.choose(new Float64Array(n));
}

/** Independence move: accepts with probability min(1, w′/w), where w = γ/q and q is what is proposed from. */
export function acceptIndependent(now: ChainState, next: ChainState, chooser: Chooser): boolean {
  return flip(chooser, next.logWeight - now.logWeight);
}

/**
 * Suffix move: accepts with probability min(1, φ′/φ · C/C′) with C the number of cuts (`algorithms.md` 4.4). The prior
 * cancels, since the suffix was drawn from it; 1/C and 1/C′ are the probabilities of this cut here and on the way back.
 * Whatever the suffix, the prior chose at this place, so the cut exists on the way back too.
 */
export function acceptSuffix(now: ChainState, next: ChainState, chooser: Chooser): boolean {
  return flip(chooser, next.logFactor - now.logFactor + Math.log(cuts(now) / cuts(next)));
}

function packStates(states: readonly ChainState[]): SequenceBatch {
  const offsets = new Int32Array(states.length + 1);
  states.forEach((x, i) => (offsets[i + 1] = offsets[i] + x.tokens.length));
  const tokens = new Int32Array(offsets[states.length]);
  states.forEach((x, i) => tokens.set(x.tokens, offsets[i]));
  return { size: states.length, tokens, offsets, finished: Uint8Array.from(states, (x) => (x.finished ? 1 : 0)) };
}

/** States of chains as a batch of texts. */
export function textsOf(s: Pick<MhState, 'target'>, states: readonly ChainState[]) {
  return asTexts(s.target.prior.vocabulary, packStates(states));
}

/** One suffix proposal for each of some chains, at the same time. */
export function proposeSuffixes(
  s: MhState,
  states: readonly ChainState[],
  choosers: readonly Chooser[],
): Maybe<readonly ChainState[]> {
  const prefixes = states.map((x, i) => x.tokens.subarray(0, chooseCut(x, choosers[i])));
  return andThen(s.continuation(prefixes, choosers), (drawn) =>
    andThen(logFactors(s.factors, asTexts(s.target.prior.vocabulary, drawn)), ({ logFactor }) =>
      states.map((_, i) => stateOf(drawn, i, drawn.logProbs[i], logFactor[i], s.request.proposal ? NaN : logFactor[i])),
    ),
  );
}

/** The same states with their weights γ/q known: those that suffix moves led to are scored by q. */
export function withWeights(s: MhState, states: readonly ChainState[]): Maybe<readonly ChainState[]> {
  const unknown = states.filter((x) => Number.isNaN(x.logWeight));
  if (unknown.length === 0 || !s.request.proposal) return states;
  return andThen(s.request.proposal.logProb(packStates(unknown)), (logProposal) => {
    let next = 0;
    return states.map((x) => {
      if (!Number.isNaN(x.logWeight)) return x;
      return { ...x, logWeight: x.logFactor + x.logPrior - logProposal[next++] };
    });
  });
}
