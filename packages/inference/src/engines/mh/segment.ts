import type { Chooser } from '@postulate/models';
import { all, andThen, inTurn, type Maybe } from '../../bind/index.ts';
import { flip } from '../../chooser/index.ts';
import { namedValues } from '../../diagnostics/index.ts';
import { acceptIndependent, acceptSuffix, proposeSuffixes, textsOf, withWeights } from './moves.ts';
import { propose, type Proposals } from './proposals.ts';
import type { ChainSegment, ChainState, MhState, Move, SegmentInput } from './state.ts';

/**
 * Chains that one chunk moves: one where the prior is a table, so that chains can run beside each other; all where it is a
 * session, so that it is asked for all of them at once.
 */
export function chainsPerChunk(s: Pick<MhState, 'target' | 'plan'>): number {
  return s.target.prior.table ? 1 : s.plan.chains;
}

/** One chain while a chunk moves it. */
class Walker {
  readonly visited: ChainState[] = [];
  readonly recorded: number[] = [];
  readonly moves: Record<Move, { tried: number; accepted: number }> = {
    independence: { tried: 0, accepted: 0 },
    suffix: { tried: 0, accepted: 0 },
  };
  tokens: number;
  private used = 0;

  constructor(
    public now: ChainState,
    /** 1 for the steps that are independence moves. */
    readonly independent: Uint8Array,
    private readonly proposals: Proposals,
    readonly chooser: Chooser,
  ) {
    this.tokens = proposals.tokens;
  }

  nextProposal(): ChainState {
    return this.proposals.state(this.used++);
  }

  settle(move: Move, next: ChainState, accepted: boolean, counted: boolean): void {
    if (accepted) this.now = next;
    if (!counted) return;
    this.moves[move].tried++;
    if (accepted) this.moves[move].accepted++;
  }

  record(): void {
    if (this.visited.at(-1) !== this.now) this.visited.push(this.now);
    this.recorded.push(this.visited.length - 1);
  }
}

/** Which moves are made does not depend on where the chain is, so all independent proposals are drawn at once. */
function walker(s: MhState, start: ChainState, steps: number, chooser: Chooser): Maybe<Walker> {
  const kinds = chooser.split('kinds');
  const logShare = Math.log(s.options.independence);
  const independent = Uint8Array.from({ length: steps }, () => (flip(kinds, logShare) ? 1 : 0));
  const count = independent.reduce((a, b) => a + b, 0);
  return andThen(
    propose(s, count, chooser.split('propose')),
    (proposals) => new Walker(start, independent, proposals, chooser.split('move')),
  );
}

/** One step of those chains whose move is an independent proposal. */
function stepIndependent(s: MhState, walkers: readonly Walker[], counted: boolean): Maybe<void> {
  if (walkers.length === 0) return;
  return andThen(
    withWeights(
      s,
      walkers.map((w) => w.now),
    ),
    (states) => {
      walkers.forEach((w, i) => {
        if (w.now !== states[i]) w.now = states[i];
        const next = w.nextProposal();
        w.settle('independence', next, acceptIndependent(w.now, next, w.chooser), counted);
      });
    },
  );
}

/** One step of those chains whose move is a new suffix. */
function stepSuffix(s: MhState, walkers: readonly Walker[], counted: boolean): Maybe<void> {
  if (walkers.length === 0) return;
  const states = walkers.map((w) => w.now);
  return andThen(
    proposeSuffixes(
      s,
      states,
      walkers.map((w) => w.chooser),
    ),
    (proposed) => {
      walkers.forEach((w, i) => {
        w.tokens += proposed[i].tokens.length;
        w.settle('suffix', proposed[i], acceptSuffix(w.now, proposed[i], w.chooser), counted);
      });
    },
  );
}

function completed(s: MhState, w: Walker): Maybe<ChainSegment> {
  return andThen(namedValues(s.target.named, textsOf(s, w.visited)), (named) => ({
    last: w.now,
    visited: w.visited,
    recorded: Int32Array.from(w.recorded),
    named,
    moves: w.moves,
    tokens: w.tokens,
  }));
}

/** Chunk `index`: some chains through one segment of their steps, segment after segment and in a segment chain after chain. */
export function mhChunk(s: MhState, index: number, input: unknown): Maybe<readonly ChainSegment[]> {
  const { chains, steps } = input as SegmentInput;
  const perSegment = Math.ceil(s.plan.chains / chainsPerChunk(s));
  const before = Math.floor(index / perSegment) * s.options.batch;
  const chooser = s.chooser.split(index);
  const { warmup, thin } = s.plan;
  return all(
    chains.map((x, c) => walker(s, x, steps, chooser.split(c))),
    (walkers) => {
      const step = (k: number): Maybe<void> => {
        const counted = before + k >= warmup;
        const of = (kind: number): Walker[] => walkers.filter((w) => w.independent[k] === kind);
        const [independent, suffix] = [of(1), of(0)];
        return andThen(stepIndependent(s, independent, counted), () =>
          andThen(stepSuffix(s, suffix, counted), () => {
            if (counted && (before + k + 1 - warmup) % thin === 0) walkers.forEach((w) => w.record());
          }),
        );
      };
      return andThen(inTurn(steps, step), () =>
        all(
          walkers.map((w) => completed(s, w)),
          (segments) => segments,
        ),
      );
    },
  );
}
