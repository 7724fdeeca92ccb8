import type { Progress, TracePoint } from '../port/index.ts';

/** Most points kept. */
const MOST = 200;

const finite = (x: number | undefined): number | null => (x === undefined || Number.isNaN(x) ? null : x);

/** How the figures of a run developed, from its steps alone: every k-th, k doubling where there would be too many. */
export class Trace {
  private points: TracePoint[] = [];
  private every = 1;
  private seen = 0;
  private last: TracePoint | undefined;

  add(progress: Progress): void {
    const { modelCalls = 0, draws, ess, logZ, acceptanceRate } = progress;
    const [e, z, a] = [finite(ess), finite(logZ), finite(acceptanceRate)];
    this.last = { modelCalls, draws, ess: e, logZ: z, acceptanceRate: a };
    if (this.seen++ % this.every !== 0) return;
    this.points.push(this.last);
    if (this.points.length < MOST) return;
    this.points = this.points.filter((_, i) => i % 2 === 0);
    this.every *= 2;
  }

  /** The points kept, and the last step always; undefined where the prior was never asked for anything. */
  all(): readonly TracePoint[] | undefined {
    const { points, last } = this;
    if (last === undefined || last.modelCalls === 0) return undefined;
    return points.at(-1) === last ? points : [...points, last];
  }
}
