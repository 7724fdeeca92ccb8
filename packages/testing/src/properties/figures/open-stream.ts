import {
  asTexts,
  run,
  targetBound,
  weigh,
  withFittedMoments,
  type BoundFunction,
  type Target,
} from '@postulate/inference';
import { packSequences, type Chooser, type TextBatch } from '@postulate/models';
import { runsStream } from './runs-stream.ts';
import type { Asked } from './solver.ts';
import { effectiveSize, Growing, rangeOf, type Stream } from './stream.ts';

class Columns {
  private readonly columns: ReadonlyMap<string, Growing>;
  size = 0;

  constructor(private readonly named: readonly BoundFunction[]) {
    this.columns = new Map(named.map((f) => [f.name, new Growing()]));
  }

  async add(batch: TextBatch): Promise<void> {
    for (const f of this.named) this.columns.get(f.name)!.add(await f.values(batch));
    this.size += batch.size;
  }

  range(name: string): { readonly low: number; readonly high: number } {
    return rangeOf(this.named, name);
  }

  values(name: string): Float64Array {
    const column = this.columns.get(name);
    if (column === undefined) throw new TypeError(`${name} was not asked for`);
    return column.all();
  }
}

/** Draws after which it is asked whether their weights are any good, and the share that has to be. */
const ENOUGH = 4096;
const LEAST_SHARE = 1 / 256;

/** Draws of the exact engine. */
function exactStream(target: Target, chooser: Chooser): Stream {
  const columns = new Columns(target.named);
  let round = 0;
  return {
    what: 'exact draws',
    bounded: true,
    logScale: 0,
    weights: undefined,
    texts: 1,
    wasteful: false,
    heavy: false,
    steered: undefined,
    get size() {
      return columns.size;
    },
    values: (name) => columns.values(name),
    range: (name) => columns.range(name),
    async extend(count) {
      const seed = String(chooser.split(`round ${round++}`).uniform!());
      const { draws } = await run(target, { engine: 'exact', draws: count, seed });
      const packed = packSequences(draws.map((d) => d.tokens), draws.map((d) => d.finished)); // prettier-ignore
      await columns.add(asTexts(target.prior.vocabulary, packed));
    },
  };
}

/** Draws of the prior with the weights of the posterior, over their proved bound where there is one. */
async function weightedStream(target: Target, chooser: Chooser): Promise<Stream> {
  const fitted = (await withFittedMoments(target, chooser.split('moments'))).target;
  const bound = targetBound(fitted);
  const bounded = 'logBound' in bound && Number.isFinite(bound.logBound);
  const columns = new Columns(target.named);
  const logs = new Growing();
  const scaled = new Growing();
  // Without a bound weights are held near 1 by the largest of the first draws.
  let logScale = bounded ? bound.logBound : undefined;
  let round = 0;
  return {
    what: 'weighted draws of the prior',
    bounded,
    get logScale() {
      return logScale ?? 0;
    },
    get size() {
      return columns.size;
    },
    get weights() {
      return scaled.all();
    },
    texts: 1,
    get wasteful() {
      return scaled.size >= ENOUGH && effectiveSize(scaled.all()) < LEAST_SHARE * scaled.size;
    },
    heavy: false,
    steered: runsStream(fitted, chooser.split('runs')),
    values: (name) => columns.values(name),
    range: (name) => columns.range(name),
    async extend(count) {
      const sampled = await fitted.prior.sample(count, chooser.split(`round ${round++}`));
      const { batch, logWeight } = await weigh(fitted, undefined, sampled);
      logs.add(logWeight);
      logScale ??= Math.max(...logWeight.filter((w) => w > -Infinity), -700);
      const scale = logScale;
      scaled.add(logWeight.map((w) => Math.exp(w - scale)));
      await columns.add(batch);
    },
  };
}

/** The best stream there is for a distribution: its own draws, else weighted ones of its prior. */
export async function openStream({ target, exact }: Asked, chooser: Chooser): Promise<Stream> {
  return exact === undefined ? weightedStream(target, chooser) : exactStream(target, chooser);
}
