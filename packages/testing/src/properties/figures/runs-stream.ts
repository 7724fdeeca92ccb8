import { openChunks, paretoSmooth, steeredEngine, type RunChunk, type Target } from '@postulate/inference'; // prettier-ignore
import type { Chooser } from '@postulate/models';
import { effectiveSize, Growing, rangeOf, type Stream } from './stream.ts';

/** Texts that are grown side by side in one run. */
const PARTICLES = 16;

/** Above this k̂ the mean of the weights is not to be relied on (Vehtari et al. 2024). */
const LARGEST_K = 0.7;
/** Where the runs agree this well, no few of them can carry the mean, whatever the shape of their tail. */
const AGREEING = 0.9;

/** Whether a few of the runs carry all that is said by them. */
function heavyTailed(logWeights: Float64Array, weights: Float64Array): boolean {
  if (weights.length === 0 || effectiveSize(weights) >= AGREEING * weights.length) return false;
  return (paretoSmooth(logWeights).k ?? 0) >= LARGEST_K;
}

/**
 * Independent runs of sequential Monte Carlo, each of which counts as one draw: with weight Ẑ and, for a function, the
 * weighted mean of its particles. Every run is properly weighted, E Ẑ = Z and E[Ẑ · mean] = Z · E(f | d), for any number of
 * particles, so that runs are to means under d what weighted draws are. Undefined where no factor tells anything of a prefix.
 */
export function runsStream(target: Target, chooser: Chooser): Stream | undefined {
  const engine = steeredEngine(target)?.name;
  return engine === undefined ? undefined : new RunsStream(target, engine, String(chooser.uniform!()));
}

class RunsStream implements Stream {
  readonly what: string;
  readonly bounded = false;
  readonly texts = PARTICLES;
  readonly wasteful = false;
  readonly steered = undefined;
  private readonly logs = new Growing();
  private readonly scaled = new Growing();
  private readonly columns: readonly Growing[];
  private chunk: ((index: number) => unknown) | undefined;
  private scale: number | undefined;

  constructor(
    private readonly target: Target,
    private readonly engine: string,
    private readonly seed: string,
  ) {
    this.what = `runs of ${engine}`;
    this.columns = target.named.map(() => new Growing());
  }

  get logScale(): number {
    return this.scale ?? 0;
  }

  get size(): number {
    return this.logs.size;
  }

  get weights(): Float64Array {
    return this.scaled.all();
  }

  get heavy(): boolean {
    return heavyTailed(this.logs.all(), this.scaled.all());
  }

  values(name: string): Float64Array {
    return this.columns[this.target.named.findIndex((f) => f.name === name)].all();
  }

  range(name: string): { readonly low: number; readonly high: number } {
    return rangeOf(this.target.named, name);
  }

  async extend(count: number): Promise<void> {
    const { target, engine, seed } = this;
    // Their number only says that there are several.
    const options = { particles: PARTICLES, runs: 2 ** 20 };
    this.chunk ??= await openChunks(target, { engine, options, seed, draws: 0 });
    const found: RunChunk[] = [];
    for (let k = 0; k < count; k++) found.push((await this.chunk!(this.size + k)) as RunChunk);
    const logZ = found.map((r) => r.logZ);
    if (this.scale === undefined && logZ.some((l) => l > -Infinity)) this.scale = Math.max(...logZ);
    const scale = this.logScale;
    this.logs.add(logZ);
    this.scaled.add(logZ.map((l) => Math.exp(l - scale)));
    this.columns.forEach((c, j) => c.add(found.map((r) => r.means[j])));
  }
}
