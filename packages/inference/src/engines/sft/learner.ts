import { fail } from '@postulate/graph';
import type { Chooser, SampledBatch } from '@postulate/models';
import { all, andThen, type Maybe } from '../../bind/index.ts';
import { firstAbove } from '../../numeric/index.ts';
import type { Draw } from '../../port/index.ts';
import {
  ascend,
  contextsOfStep,
  joinDrawn,
  logUnder,
  NO_MEMORY,
  type Drawn,
  type Learner,
  type Memory,
  type StepFigures,
  weighTexts,
  type Training,
} from '../../variational/index.ts';

/** Draws of one target with running sums of their weights, to pick from. */
interface Source {
  readonly draws: readonly Draw[];
  readonly sums: Float64Array;
}

/** Σ log π over a batch picked from the source by weight, over its size. */
export class SftLearner implements Learner {
  private readonly sources = new Map<number, Source>();

  step(t: Training, chooser: Chooser): Maybe<StepFigures> {
    const contexts = contextsOfStep(t);
    const each = Math.max(2, Math.floor(t.options.batch / contexts.length));
    const parts = contexts.map((law) => this.pick(t, law, each, chooser.split(law)));
    return all(parts, (drawn) => this.learn(t, joinDrawn(drawn)));
  }

  private learn(t: Training, drawn: Drawn): Maybe<StepFigures> {
    return andThen(logUnder(t.policy.laws, drawn), (logPi) => {
      const n = drawn.batch.size;
      const loss = -logPi.reduce((s, l) => s + l, 0) / n;
      return andThen(ascend(t, drawn, new Float64Array(n).fill(1 / n)), (info) => ({
        ...{ drawn: { ...drawn, logQ: logPi }, logPi, onPolicy: true, info, loss, bound: -loss },
      }));
    });
  }

  private sourceOf(t: Training, law: number): Source {
    let source = this.sources.get(law);
    if (source === undefined) {
      const draws = t.source?.[law] ?? [];
      if (draws.length === 0) throw fail('P604', `there are no draws of ${t.targets[law].name} to learn from`);
      const most = draws.reduce((m, d) => Math.max(m, d.logWeight), -Infinity);
      let sum = 0;
      source = { draws, sums: Float64Array.from(draws, (d) => (sum += Math.exp(d.logWeight - most))) };
      this.sources.set(law, source);
    }
    return source;
  }

  private pick(t: Training, law: number, count: number, chooser: Chooser): Maybe<Drawn> {
    const { draws, sums } = this.sourceOf(t, law);
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

  save(): Memory {
    return NO_MEMORY;
  }

  load(): void {}
}

function packed(texts: readonly Draw[]): SampledBatch {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((x, i) => (offsets[i + 1] = offsets[i] + x.tokens.length));
  const tokens = new Int32Array(offsets[texts.length]);
  texts.forEach((x, i) => tokens.set(x.tokens, offsets[i]));
  const finished = Uint8Array.from(texts, (x) => (x.finished ? 1 : 0));
  return { size: texts.length, tokens, offsets, finished, logProbs: new Float64Array(texts.length) };
}
