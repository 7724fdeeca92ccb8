import { all, andThen, type Maybe } from '../../bind/index.ts';
import { bulkEss } from '../../diagnostics/index.ts';
import type { Draw, Engine, Step } from '../../port/index.ts';
import { workOn } from '../../work/index.ts';
import { extend, mayExtend } from './extend.ts';
import { findStarts } from './starts.ts';
import { mhChunk, chainsPerChunk } from './segment.ts';
import { MOVES, type ChainHistory, type ChainSegment, type ChainState, type MhState } from './state.ts';

const chunked: Pick<Engine<object, MhState>, 'chunk'> = { chunk: mhChunk };

/** Share of the moves after warm-up that were accepted; undefined before there are any. */
export function acceptance(s: MhState): number | undefined {
  let tried = 0;
  let accepted = 0;
  for (const h of s.history) {
    for (const move of MOVES) {
      tried += h.moves[move].tried;
      accepted += h.moves[move].accepted;
    }
  }
  return tried === 0 ? undefined : accepted / tried;
}

/** Values of a functional of the states, one for each recorded step of a chain. */
export function alongChain(h: ChainHistory, f: (x: ChainState) => number): Float64Array {
  const values = h.visited.map(f);
  return Float64Array.from(h.recorded, (i) => values[i]);
}

export const logGamma = (x: ChainState): number => x.logPrior + x.logFactor;

/** Grows with the chains: computed again once they are a quarter longer. */
function essSoFar(s: MhState): number | undefined {
  const recorded = s.history[0].recorded.length;
  if (recorded >= 1.25 * s.essSoFar.at) {
    s.essSoFar = { at: recorded, ess: bulkEss(s.history.map((h) => alongChain(h, logGamma))) };
  }
  return s.essSoFar.ess ?? undefined;
}

/** Draws handed out; where they wait for the chains to be long enough, how many the states recorded so far would make. */
function drawsSoFar(s: MhState, recorded: number): number {
  if (!mayExtend(s)) return s.draws.length;
  return Math.min(s.request.draws, Math.floor((s.request.draws * recorded) / (s.plan.recorded * s.plan.chains)));
}

function report(s: MhState, draws: readonly Draw[]): Step<MhState> {
  const recorded = s.history.reduce((n, h) => n + h.recorded.length, 0);
  const ess = essSoFar(s);
  const rate = acceptance(s);
  return {
    state: s,
    draws,
    done: s.chains !== undefined && s.taken >= s.total,
    progress: {
      phase: s.chains === undefined ? 'mh: starts' : s.taken < s.plan.warmup ? 'mh: warm-up' : 'mh',
      draws: s.request.draws > 0 ? drawsSoFar(s, recorded) : recorded,
      wanted: s.request.draws > 0 ? s.request.draws : s.plan.recorded * s.plan.chains,
      ...(rate === undefined ? {} : { acceptanceRate: rate }),
      ...(ess === undefined ? {} : { ess }),
      modelCalls: s.modelCalls,
      tokens: s.tokens,
    },
  };
}

/** Draws that have become final: states evenly far apart, from each chain in turn. */
export function handOut(s: MhState): readonly Draw[] {
  const { chains, drawsPerChain, recorded } = s.plan;
  const fresh: Draw[] = [];
  for (let n = s.draws.length; n < s.request.draws; n++) {
    const { visited, recorded: steps } = s.history[n % chains];
    const at = Math.floor(((Math.floor(n / chains) + 1) * recorded) / drawsPerChain) - 1;
    if (at >= steps.length) break;
    const { tokens, finished, logPrior, logFactor } = visited[steps[at]];
    fresh.push({ tokens, finished, logPrior, logFactor, logWeight: 0 });
  }
  for (const d of fresh) s.draws.push(d);
  return fresh;
}

function append(h: ChainHistory, segment: ChainSegment): void {
  const offset = h.visited.length;
  for (const x of segment.visited) h.visited.push(x);
  segment.recorded.forEach((i) => h.recorded.push(offset + i));
  segment.named.forEach((values, k) => values.forEach((v) => h.named[k].push(v)));
  for (const move of MOVES) {
    h.moves[move].tried += segment.moves[move].tried;
    h.moves[move].accepted += segment.moves[move].accepted;
  }
}

/** All chains through one segment of their steps. */
function advance(s: MhState, chains: readonly ChainState[]): Maybe<Step<MhState>> {
  const steps = Math.min(s.options.batch, s.total - s.taken);
  const each = chainsPerChunk(s);
  const perSegment = Math.ceil(chains.length / each);
  const first = s.segments * perSegment;
  const chunks = Array.from({ length: perSegment }, (_, g) =>
    workOn<MhState, readonly ChainSegment[]>(chunked, s, first + g, {
      chains: chains.slice(g * each, (g + 1) * each),
      steps,
    }),
  );
  return andThen(
    all(chunks, (groups) => groups.flat()),
    (segments) => {
      segments.forEach((segment, c) => append(s.history[c], segment));
      s.chains = segments.map((segment) => segment.last);
      s.taken += steps;
      s.segments++;
      s.modelCalls += steps * chains.length;
      s.tokens += segments.reduce((n, segment) => n + segment.tokens, 0);
      extend(s);
      return report(s, mayExtend(s) ? [] : handOut(s));
    },
  );
}

/** Looks for starts until every chain has one, then moves all chains, a segment at a time. */
export function mhStep(s: MhState): Maybe<Step<MhState>> {
  if (s.chains === undefined) return andThen(findStarts(s), () => report(s, []));
  return s.taken < s.total ? advance(s, s.chains) : report(s, []);
}
