import type { Chooser, LanguageModel } from '@postulate/models';
import { enumerateTraces } from '../../../testing/src/index.ts';
import { mhEngine } from '../../src/engines/mh/index.ts';
import type { ChainSegment, ChainState, MhOptions, MhState } from '../../src/engines/mh/state.ts';
import { seededChooser, type Request, type Target } from '../../src/index.ts';
import { everySequence } from '../bind/support.ts';

/** A text of positive prior mass, with everything in the plain scale. */
export interface Text {
  readonly key: string;
  readonly tokens: Int32Array;
  readonly finished: boolean;
  readonly prior: number;
  readonly phi: number;
}

export const keyOf = (x: { readonly tokens: ArrayLike<number>; readonly finished: boolean }): string =>
  `${Array.from(x.tokens).join()}${x.finished ? '$' : ''}`;

/** Every text that the prior can produce. */
export async function texts(t: Target): Promise<readonly Text[]> {
  const batch = everySequence(t.prior);
  const logPrior = await t.prior.logProb(batch);
  const logs: Float64Array[] = [];
  for (const f of t.stages[0].factors) logs.push(await f.logWeights(batch));
  const all = Array.from({ length: batch.size }, (_, i) => {
    const tokens = batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]);
    const finished = batch.finished[i] === 1;
    const phi = Math.exp(logs.reduce((sum, l) => sum + l[i], 0));
    return { key: keyOf({ tokens, finished }), tokens, finished, prior: Math.exp(logPrior[i]), phi };
  });
  return all.filter((x) => x.prior > 0);
}

/** The posterior over those of its texts that have mass. */
export async function posterior(t: Target): Promise<{ readonly support: readonly Text[]; readonly p: number[] }> {
  const support = (await texts(t)).filter((x) => x.phi > 0);
  const z = support.reduce((sum, x) => sum + x.prior * x.phi, 0);
  return { support, p: support.map((x) => (x.prior * x.phi) / z) };
}

/** The same prior, known by its decode session alone. */
export function asSession(t: Target, waits = false): Target {
  const { table: _, ...rest } = t.prior;
  const prior: LanguageModel = {
    ...rest,
    open(size) {
      const inner = t.prior.open(size);
      if (!waits) return inner;
      return {
        get logProbs() {
          return inner.logProbs;
        },
        advance: (tokens) => Promise.resolve().then(() => inner.advance(tokens.slice())),
        reorder: (ancestors) => inner.reorder(ancestors),
      };
    },
  };
  return { ...t, prior };
}

export function begun(
  t: Target,
  options: Partial<MhOptions>,
  request: Partial<Request> = {},
  chooser: Chooser = seededChooser('mh'),
): Promise<MhState> {
  const asked = { draws: 0, budget: Infinity, ...request };
  return mhEngine.init(t, { ...mhEngine.defaults, ...options }, asked, chooser) as Promise<MhState>;
}

export interface Kernel {
  /** Row-stochastic, over the support of the posterior. */
  readonly matrix: number[][];
  /** Probability that a move is accepted, by state. */
  readonly acceptance: number[];
}

/** The transition kernel of the engine itself: all paths of one step of a chunk, from every text of the support. */
export async function engineKernel(t: Target, options: Partial<MhOptions>, proposal?: LanguageModel): Promise<Kernel> {
  const { support } = await posterior(t);
  const place = new Map(support.map((x, i) => [x.key, i]));
  const s = await begun(t, { chains: 1, warmup: 0, thin: 1, ...options }, { proposal });
  const matrix: number[][] = [];
  const acceptance: number[] = [];
  for (const x of support) {
    const start: ChainState = {
      tokens: x.tokens,
      finished: x.finished,
      logPrior: Math.log(x.prior),
      logFactor: Math.log(x.phi),
      logWeight: proposal ? NaN : Math.log(x.phi),
    };
    const traces = await enumerateTraces(
      async (chooser) =>
        (await mhEngine.chunk!({ ...s, chooser }, 0, { chains: [start], steps: 1 })) as readonly ChainSegment[],
    );
    const row = support.map(() => 0);
    let accepted = 0;
    for (const { value, logProbability } of traces) {
      const mass = Math.exp(logProbability);
      row[place.get(keyOf(value[0].last))!] += mass;
      accepted += mass * (value[0].moves.independence.accepted + value[0].moves.suffix.accepted);
    }
    matrix.push(row);
    acceptance.push(accepted);
  }
  return { matrix, acceptance };
}

/** pK for a row vector p. */
export function times(p: readonly number[], matrix: readonly (readonly number[])[]): number[] {
  return p.map((_, j) => p.reduce((sum, mass, i) => sum + mass * matrix[i][j], 0));
}
