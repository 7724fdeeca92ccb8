import type { Chooser, Vocabulary } from '@postulate/models';
import { asTexts } from '../bind/index.ts';
import type { Drawn, Group } from './training.ts';

interface Kept {
  readonly law: number;
  readonly tokens: Int32Array;
  readonly finished: number;
  readonly logQ: number;
  readonly logPrior: number;
  readonly logFactor: number;
}

/** Texts of earlier steps with what the prior and the factors say of them, the oldest replaced first. */
export class Replay {
  private kept: Kept[] = [];
  private next = 0;
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get size(): number {
    return this.kept.length;
  }

  add({ batch, groups, logQ, logPrior, logFactor }: Drawn): void {
    for (const { law, from, to } of groups) {
      for (let i = from; i < to; i++) {
        const tokens = batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]);
        const one = {
          law,
          tokens,
          finished: batch.finished[i],
          logQ: logQ[i],
          logPrior: logPrior[i],
          logFactor: logFactor[i],
        };
        if (this.kept.length < this.most) this.kept.push(one);
        else this.kept[this.next] = one;
        this.next = (this.next + 1) % this.most;
      }
    }
  }

  /** Texts chosen with equal chances, in the order of their targets. */
  pick(count: number, chooser: Chooser, vocabulary: Vocabulary): Drawn {
    const { uniform } = chooser;
    const even = new Float64Array(this.kept.length);
    const one = (): Kept => this.kept[uniform ? Math.floor(uniform() * this.kept.length) : chooser.choose(even)];
    const texts = Array.from({ length: count }, one).sort((a, b) => a.law - b.law);
    const offsets = new Int32Array(count + 1);
    texts.forEach((x, i) => (offsets[i + 1] = offsets[i] + x.tokens.length));
    const tokens = new Int32Array(offsets[count]);
    texts.forEach((x, i) => tokens.set(x.tokens, offsets[i]));
    const groups: Group[] = [];
    texts.forEach((x, i) => {
      const last = groups.at(-1);
      if (last?.law === x.law) groups[groups.length - 1] = { ...last, to: i + 1 };
      else groups.push({ law: x.law, from: i, to: i + 1 });
    });
    const sequences = { size: count, tokens, offsets, finished: Uint8Array.from(texts, (x) => x.finished) };
    return {
      batch: asTexts(vocabulary, sequences),
      groups,
      laws: groups.every((g) => g.law === 0) ? undefined : Int32Array.from(texts, (x) => x.law),
      logQ: Float64Array.from(texts, (x) => x.logQ),
      logPrior: Float64Array.from(texts, (x) => x.logPrior),
      logFactor: Float64Array.from(texts, (x) => x.logFactor),
    };
  }

  save(): Readonly<Record<string, Float64Array | Int32Array | Uint8Array>> {
    const { kept } = this;
    const offsets = new Int32Array(kept.length + 1);
    kept.forEach((x, i) => (offsets[i + 1] = offsets[i] + x.tokens.length));
    const tokens = new Int32Array(offsets[kept.length]);
    kept.forEach((x, i) => tokens.set(x.tokens, offsets[i]));
    return {
      replayTokens: tokens,
      replayOffsets: offsets,
      replayLaws: Int32Array.from(kept, (x) => x.law),
      replayFinished: Uint8Array.from(kept, (x) => x.finished),
      replayLogs: Float64Array.from(kept.flatMap((x) => [x.logQ, x.logPrior, x.logFactor])),
      replayNext: Int32Array.of(this.next),
    };
  }

  load(arrays: Readonly<Record<string, ArrayLike<number>>>): void {
    const { replayTokens, replayOffsets, replayLaws, replayFinished, replayLogs, replayNext } = arrays;
    const all = Int32Array.from(replayTokens);
    this.kept = Array.from({ length: replayLaws.length }, (_, i) => ({
      law: replayLaws[i],
      tokens: Int32Array.from(all.subarray(replayOffsets[i], replayOffsets[i + 1])),
      finished: replayFinished[i],
      logQ: replayLogs[3 * i],
      logPrior: replayLogs[3 * i + 1],
      logFactor: replayLogs[3 * i + 2],
    }));
    this.next = replayNext[0];
  }
}
