import { isMachine, type TextEvaluator } from '@postulate/inference';
import type { Chooser, SequenceBatch, TokenMachine } from '@postulate/models';
import type { NodeId } from '@postulate/graph';
import { batchOf, type TokenText } from '../arbitraries/texts.ts';
import { effectiveSize } from '../properties/figures/stream.ts';
import { AutomatonTexts, tellingTokens } from './automaton-texts.ts';
import { edgeTexts } from './edge-texts.ts';

/** Texts to begin from, by where they come from, and tokens that tell texts apart. */
export interface Pool {
  readonly name: string;
  /** How often it is taken, beside the others. */
  readonly weight: number;
  readonly texts: readonly TokenText[];
}

export interface Pools {
  readonly pools: readonly Pool[];
  readonly tokens: readonly number[];
}

export interface PoolRequest {
  readonly evaluator: TextEvaluator;
  /** Distributions to draw from, besides the prior. */
  readonly distributions: readonly NodeId[];
  /** Events whose members and near misses are wanted. */
  readonly events: readonly NodeId[];
  /** Draws of the prior. */
  readonly draws: number;
  readonly chooser: Chooser;
  /** Draws of a posterior itself, for where those of the prior hardly reach; may give none. */
  readonly own?: ((id: NodeId) => Promise<readonly TokenText[]>) | undefined;
}

function textsOf(batch: SequenceBatch): readonly TokenText[] {
  return Array.from({ length: batch.size }, (_, i) => ({
    tokens: Array.from(batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1])),
    finished: batch.finished[i] === 1,
  }));
}

/** Members, near misses and edges of each event, and of its opposite, that has a machine small enough to walk. */
const PER_EVENT = 40;

const finalsNegated = (m: TokenMachine): TokenMachine => ({
  ...m,
  finalEnd: m.finalEnd.map((x) => 1 - x),
  finalStop: m.finalStop.map((x) => 1 - x),
});

function fromAutomata({ evaluator, events, chooser }: PoolRequest): readonly [readonly TokenText[], readonly number[]] {
  const texts: TokenText[] = [];
  const tokens: number[] = [];
  for (const id of events) {
    const machine = evaluator.machine(id);
    if (!isMachine(machine)) continue;
    const own = chooser.split(id);
    tokens.push(...tellingTokens(machine, 12, own.split('tokens')));
    for (const [m, label] of [
      [machine, 'in'],
      [finalsNegated(machine), 'out'],
    ] as const) {
      // prettier-ignore
      texts.push(...(AutomatonTexts.of(m, evaluator.prior.maxTokens)?.some(PER_EVENT, own.split(label)) ?? []));
    }
  }
  return [texts, tokens];
}

/** Fewer draws of the prior than these, were all to weigh the same, are no stand-in for draws of a posterior. */
const FEWEST = 20;

/**
 * Draws of the prior chosen anew with the weights of a posterior: near enough to draws of it to be worth mutating. Where the
 * posterior has its weight elsewhere its own draws, if there are any.
 */
async function ofPosterior(
  { evaluator, chooser, own }: PoolRequest,
  draws: readonly TokenText[],
  id: NodeId,
): Promise<readonly TokenText[]> {
  if (draws.length === 0) return [];
  const logs = await evaluator.logRatio(id, batchOf(evaluator.prior, draws));
  const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logs.map((l) => (l > -Infinity ? Math.exp(l - most) : 0));
  if (effectiveSize(weights) < FEWEST) {
    const found = (await own?.(id)) ?? [];
    if (found.length > 0) return found;
  }
  if (most === -Infinity) return [];
  const choose = chooser.split(id);
  return Array.from({ length: Math.min(draws.length, 200) }, () => draws[choose.choose(logs)]);
}

/** What texts are made from: draws of prior and posteriors, the events' own automata, and edges. */
export async function openPools(request: PoolRequest): Promise<Pools> {
  const { evaluator, distributions, chooser } = request;
  const drawn = textsOf(await evaluator.prior.sample(request.draws, chooser.split('prior')));
  const posterior: TokenText[] = [];
  for (const id of distributions) {
    if (evaluator.graph.nodes[id].kind === 'posterior') posterior.push(...(await ofPosterior(request, drawn, id)));
  }
  const [automata, telling] = fromAutomata(request);
  const pools: readonly Pool[] = [
    { name: 'draws of the prior', weight: 3, texts: drawn },
    { name: 'draws of the posterior', weight: 3, texts: posterior },
    { name: 'automata of the events', weight: 4, texts: automata },
    { name: 'edges', weight: 1, texts: edgeTexts(evaluator.prior) },
  ];
  const common = drawn.slice(0, 50).flatMap((t) => t.tokens);
  return { pools: pools.filter((p) => p.texts.length > 0), tokens: [...telling, ...telling, ...common.slice(0, 200)] };
}
