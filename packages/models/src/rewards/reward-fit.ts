import { fail } from '@postulate/graph';
import type { Chooser } from '../port/chooser.ts';
import { position } from '../training/split.ts';
import type { Arrays } from '../training/adam-w.ts';
import type { BaseModel } from './base-model.ts';
import type { RewardData } from './data.ts';
import { beliefOf } from './distribution.ts';
import { headConfig } from './head-config.ts';
import { judge, type Judgement } from './judge.ts';
import { type Example, type RewardKind, outputsOf } from './kinds.ts';
import { priorTexts } from './prior-texts.ts';
import type { RewardConfig } from './reward-folder.ts';
import { Head } from './head.ts';
import { RewardTraining, type RewardPlan, type StatesOf } from './reward-training.ts';
import { gatherStates, type StateBatch, TextStates } from './states.ts';

/** How a reward model is to be trained; every number has a default. */
export interface RewardRecipe {
  readonly head: 'linear' | 'transformer';
  readonly pooling: 'last' | 'mean';
  /** Members; 1 for a single head. */
  readonly ensemble: number;
  readonly heldOut: number;
  readonly epochs: number;
  readonly batch: number;
  readonly rate: number;
  readonly weightDecay: number;
  /** Atoms of a categorical distribution. */
  readonly atoms: number;
}

export const REWARD_RECIPE: RewardRecipe = {
  head: 'linear',
  pooling: 'last',
  ensemble: 1,
  heldOut: 0.1,
  epochs: 10,
  batch: 32,
  rate: 0.01,
  weightDecay: 0.01,
  atoms: 10,
};

/** Texts of the base that rewards are centred on, and their length. */
const CENTRED_ON = { texts: 256, tokens: 32 } as const;

/** Texts whose states are worked out together. */
const TOGETHER = 64;

/** Above this many bytes states are worked out anew at each step. */
const MOST_KEPT = 2 ** 30;

/** Data, split and with its states at hand, and the plan of each member. */
export class RewardFit {
  readonly training: readonly Example[];
  readonly heldOut: readonly Example[];
  readonly #plan: RewardPlan;
  readonly #tokens: readonly Int32Array[];
  readonly #textStates: TextStates;
  readonly #scaling: { readonly mean: number; readonly sd: number };
  #kept: readonly { readonly from: StateBatch; readonly row: number }[] | undefined;

  constructor(
    private readonly base: BaseModel,
    readonly kind: RewardKind,
    private readonly data: RewardData,
    readonly recipe: RewardRecipe,
    private readonly chooser: Chooser,
  ) {
    if (kind === 'label' && data.labels.length < 2) {
      throw fail('P522', `every example has the label "${data.labels[0]}": there is nothing to tell apart.`, {
        kind: 'outside',
      });
    }
    const { head, pooling, ensemble, epochs, batch, rate, weightDecay, atoms } = recipe;
    const outputs = outputsOf(kind, { labels: data.labels.length, atoms });
    const config = headConfig(head, base.decoder.config.width, outputs, pooling);
    this.#plan = { kind, head: config, epochs, batch, rate, weightDecay, member: ensemble > 1 };
    this.#tokens = data.texts.map((text) => base.encode(text));
    this.#textStates = new TextStates(base.decoder, config, base.start);
    const late = data.examples.map((_, i) => position(data.keys[i]) < recipe.heldOut);
    this.#scaling = scalingOf(data.examples.filter((_, i) => !late[i]));
    const scaled = data.examples.map((e) => standardised(e, this.#scaling));
    this.training = scaled.filter((_, i) => !late[i]);
    this.heldOut = scaled.filter((_, i) => late[i]);
    if (this.training.length === 0) {
      throw fail('P522', 'no example is left to learn from: all are held out.', {
        kind: 'outside',
        help: 'give more examples, or a smaller --held-out.',
      });
    }
  }

  /** Works out the states of all texts, where they can be kept; tells how many are done. */
  async prepare(onTexts: (done: number, total: number) => void): Promise<void> {
    const order = Array.from(this.#tokens.keys()).sort((a, b) => this.#tokens[a].length - this.#tokens[b].length);
    const longest = this.#tokens.reduce((sum, t) => sum + t.length + 1, 0);
    const numbers = this.recipe.head === 'linear' ? order.length : 2 * longest;
    if (4 * numbers * this.base.decoder.config.width > MOST_KEPT) return;
    const kept: { from: StateBatch; row: number }[] = [];
    for (let at = 0; at < order.length; at += TOGETHER) {
      const part = order.slice(at, at + TOGETHER);
      const from = await this.#textStates.of(part.map((i) => this.#tokens[i]));
      part.forEach((text, row) => (kept[text] = { from, row }));
      onTexts(at + part.length, order.length);
    }
    this.#kept = kept;
  }

  /** The training of member `m`: from its own seed, on its own draw of the examples where there are several. */
  member(m: number): RewardTraining {
    const { runtime } = this.base.decoder;
    return new RewardTraining(runtime, this.#plan, this.training, this.#statesOf, this.chooser.split(`member ${m}`));
  }

  readonly #statesOf: StatesOf = async (texts) => {
    const kept = this.#kept;
    if (kept === undefined) return this.#textStates.of(texts.map((i) => this.#tokens[i]));
    return gatherStates(texts.map((i) => kept[i]));
  };

  /** Judges the members together by held-out examples, and says how their outputs are to be read. */
  async finish(members: readonly Arrays[], source: string): Promise<{ config: RewardConfig; judgement: Judgement }> {
    const { kind } = this;
    const texts = [...new Set(this.heldOut.flatMap((e) => (e.kind === 'pair' ? [e.chosen, e.rejected] : [e.text])))];
    const rows = new Map<number, readonly number[]>();
    const heads = members.map((arrays) => new Head(this.base.decoder.runtime, this.#plan.head, arrays));
    for (let at = 0; at < texts.length; at += TOGETHER) {
      const part = texts.slice(at, at + TOGETHER);
      const means = await meanOutputs(heads, await this.#statesOf(part), this.#plan.head.outputs);
      part.forEach((text, i) => rows.set(text, means[i]));
    }
    const judgement = judge(kind, this.heldOut, (text) => rows.get(text) as readonly number[]);
    const centres = await this.#centres(heads);
    for (const head of heads) await head.dispose();
    const { mean, sd } = this.#scaling;
    const rating = kind === 'gaussian';
    return {
      judgement,
      config: {
        kind,
        head: this.#plan.head,
        base: { source, id: this.base.id },
        labels: this.data.labels,
        centres: rating ? members.map(() => -mean / sd) : centres,
        scales: members.map(() => (rating ? 1 / sd : judgement.temperature)),
        temperature: judgement.temperature,
      },
    };
  }

  /** The mean of each member over texts of the base, where only differences were learned; else 0. */
  async #centres(heads: readonly Head[]): Promise<readonly number[]> {
    if (this.kind !== 'bt' && this.kind !== 'dpl') return heads.map(() => 0);
    const { texts, tokens } = CENTRED_ON;
    const most = Math.min(tokens, this.base.decoder.config.positions - 1);
    const drawn = await priorTexts(this.base, texts, most, this.chooser.split('centre'));
    const sums = heads.map(() => 0);
    for (let at = 0; at < drawn.length; at += TOGETHER) {
      const states = await this.#textStates.of(drawn.slice(at, at + TOGETHER));
      for (const [m, head] of heads.entries()) {
        const rows = await head.outputs(states);
        const k = this.#plan.head.outputs;
        for (let i = 0; i < states.size; i++) sums[m] += beliefOf(this.kind, rows.subarray(i * k, (i + 1) * k)).mean;
      }
    }
    return sums.map((sum) => sum / drawn.length);
  }
}

async function meanOutputs(heads: readonly Head[], states: StateBatch, k: number): Promise<readonly number[][]> {
  const sums = Array.from({ length: states.size }, () => new Array<number>(k).fill(0));
  for (const head of heads) {
    const rows = await head.outputs(states);
    sums.forEach((sum, i) => sum.forEach((_, j) => (sum[j] += rows[i * k + j] / heads.length)));
  }
  return sums;
}

/** Mean and standard deviation of ratings; heads learn them in that unit. */
function scalingOf(examples: readonly Example[]): { readonly mean: number; readonly sd: number } {
  const ratings = examples.flatMap((e) => (e.kind === 'rating' ? [e.rating] : []));
  if (ratings.length === 0) return { mean: 0, sd: 1 };
  const mean = ratings.reduce((a, b) => a + b, 0) / ratings.length;
  const sd = Math.sqrt(ratings.reduce((s, y) => s + (y - mean) ** 2, 0) / ratings.length);
  return { mean, sd: sd > 0 ? sd : 1 };
}

function standardised(example: Example, { mean, sd }: { readonly mean: number; readonly sd: number }): Example {
  return example.kind === 'rating' ? { ...example, rating: (example.rating - mean) / sd } : example;
}
