import type { Chooser, LanguageModel } from '@postulate/models';
import { enumerateTraces } from '../../../testing/src/index.ts';
import { mhEngine } from '../../src/engines/mh/index.ts';
import type { ChainSegment, ChainState, MhOptions, MhState } from '../../src/engines/mh/state.ts';
import { seededChooser, type Request, type Target } from '../../src/index.ts';
import { key, masses, type Mass } from '../support/toy.ts';

/** A text of positive prior mass, with everything in the plain scale. */
export interface Text extends Mass {
  readonly key: string;
}

/** Every text that the prior can produce. */
export const texts = async (t: Target): Promise<readonly Text[]> =>
  [...(await masses(t))].map(([key, mass]) => ({ key, ...mass }));

/** The posterior over those of its texts that have mass. */
export async function posterior(t: Target): Promise<{ readonly support: readonly Text[]; readonly p: number[] }> {
  const support = (await texts(t)).filter((x) => x.phi > 0);
  const z = support.reduce((sum, x) => sum + x.prior * x.phi, 0);
  return { support, p: support.map((x) => (x.prior * x.phi) / z) };
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
      row[place.get(key(value[0].last))!] += mass;
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
