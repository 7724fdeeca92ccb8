import { fail } from '@postulate/graph';
import type { Chooser, SampledBatch } from '@postulate/models';
import { all, andThen, type Maybe } from '../bind/maybe.ts';
import { firstAbove } from '../numeric/index.ts';
import type { Draw } from '../port/index.ts';
import { contextsOfStep, joinDrawn, textsEach, weighTexts } from './draw.ts';
import type { Drawn, Training } from './training.ts';

/** Draws of one target with running sums of their weights, to pick from. */
interface Pool {
  readonly draws: readonly Draw[];
  readonly sums: Float64Array;
}

/** The draws of another engine that a run learns from (option `source`), picked by weight with replacement. */
export class SourceDraws {
  private readonly pools = new Map<number, Pool>();

  /** A step's batch; `logQ` is 0, since what the draws follow is known up to a constant at best. */
  batch(t: Training, chooser: Chooser): Maybe<Drawn> {
    const contexts = contextsOfStep(t);
    const each = textsEach(contexts, t.options.batch);
    const parts = contexts.map((law) => this.pick(t, law, each, chooser.split(law)));
    return all(parts, joinDrawn);
  }

  private poolOf(t: Training, law: number): Pool {
    let pool = this.pools.get(law);
    if (pool === undefined) {
      const draws = t.source?.[law] ?? [];
      if (draws.length === 0) throw fail('P604', `there are no draws of ${t.targets[law].name} to learn from`);
      const most = draws.reduce((m, d) => Math.max(m, d.logWeight), -Infinity);
      let sum = 0;
      pool = { draws, sums: Float64Array.from(draws, (d) => (sum += Math.exp(d.logWeight - most))) };
      this.pools.set(law, pool);
    }
    return pool;
  }

  private pick(t: Training, law: number, count: number, chooser: Chooser): Maybe<Drawn> {
    const { draws, sums } = this.poolOf(t, law);
    const logs = draws.map((d) => d.logWeight);
    const { uniform } = chooser;
    const one = (): Draw => draws[uniform ? firstAbove(sums, uniform() * sums[sums.length - 1]) : chooser.choose(logs)];
    const texts = Array.from({ length: count }, one);
    return andThen(weighTexts(t, law, packed(texts)), (part) => ({
      ...part,
      groups: [{ law, from: 0, to: count }],
      laws: law === 0 ? undefined : new Int32Array(count).fill(law),
    }));
  }
}

function packed(texts: readonly Draw[]): SampledBatch {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((x, i) => (offsets[i + 1] = offsets[i] + x.tokens.length));
  const tokens = new Int32Array(offsets[texts.length]);
  texts.forEach((x, i) => tokens.set(x.tokens, offsets[i]));
  const finished = Uint8Array.from(texts, (x) => (x.finished ? 1 : 0));
  return { size: texts.length, tokens, offsets, finished, logProbs: new Float64Array(texts.length) };
}
