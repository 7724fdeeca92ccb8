import { fail, nearestName } from '@postulate/graph';
import type { TextBatch } from '../port/sequences.ts';
import type { LinearClassifier } from '../port/steerable.ts';
import type { TensorRuntime } from '../tensor/index.ts';
import { type BaseModel, modelPath, openBase } from './base-model.ts';
import { beliefOf, type Belief } from './distribution.ts';
import { Head } from './head.ts';
import { softmaxOf } from './losses.ts';
import { readReward, type RewardConfig, type StoredReward } from './reward-folder.ts';
import { TextStates } from './states.ts';

/** Texts that are scored together. */
const BATCH = 64;

/** Members' outputs of every text: member → rows, row-major. */
type Outputs = readonly Float32Array[];

/** A reward model or classifier, ready to score texts. */
export class RewardModel {
  readonly #heads: readonly Head[];
  readonly #states: TextStates;
  readonly #known = new WeakMap<TextBatch, Map<string, Promise<Outputs>>>();

  constructor(
    private readonly base: BaseModel,
    private readonly stored: StoredReward,
    private readonly source: string,
  ) {
    const { config, members } = stored;
    this.#heads = members.map((arrays) => new Head(base.decoder.runtime, config.head, arrays));
    this.#states = new TextStates(base.decoder, config.head, base.start);
  }

  get config(): RewardConfig {
    return this.stored.config;
  }

  /** Outputs of strings, each after `prompt`. */
  async outputs(texts: readonly string[], prompt = ''): Promise<Outputs> {
    const k = this.config.head.outputs;
    const ids = texts.map((text) => this.base.encode(prompt + text));
    const out = this.#heads.map(() => new Float32Array(texts.length * k));
    // Texts of like length share a batch, so that little is padded.
    const order = Array.from(ids.keys()).sort((a, b) => ids[a].length - ids[b].length);
    for (let at = 0; at < order.length; at += BATCH) {
      const part = order.slice(at, at + BATCH);
      const states = await this.#states.of(part.map((i) => ids[i]));
      for (const [m, head] of this.#heads.entries()) {
        const rows = await head.outputs(states);
        part.forEach((i, row) => out[m].set(rows.subarray(row * k, (row + 1) * k), i * k));
      }
    }
    return out;
  }

  /** The same for a batch; the features of one model read it once. */
  outputsOf(batch: TextBatch, prompt = ''): Promise<Outputs> {
    let known = this.#known.get(batch);
    if (known === undefined) this.#known.set(batch, (known = new Map<string, Promise<Outputs>>()));
    let found = known.get(prompt);
    if (found === undefined) {
      found = this.outputs(
        Array.from({ length: batch.size }, (_, i) => batch.text(i)),
        prompt,
      );
      known.set(prompt, found);
    }
    return found;
  }

  /** The utility that member `m` believes text i to have. */
  belief(outputs: Outputs, m: number, i: number): Belief {
    const { kind, head, centres, scales } = this.config;
    const raw = beliefOf(kind, outputs[m].subarray(i * head.outputs, (i + 1) * head.outputs));
    const [centre, scale] = [centres[m], scales[m]];
    return {
      mean: (raw.mean - centre) / scale,
      sd: raw.sd / scale,
      quantile: (q) => (raw.quantile(q) - centre) / scale,
      atoms: (count) => raw.atoms(count).map((v) => (v - centre) / scale),
    };
  }

  /** Mean over members of the mean. */
  rewards(outputs: Outputs, size: number): Float64Array {
    const members = outputs.length;
    return Float64Array.from({ length: size }, (_, i) =>
      outputs.reduce((sum, _rows, m) => sum + this.belief(outputs, m, i).mean / members, 0),
    );
  }

  /**
   * Slice `index` of `count` equally likely values of text i, members and their doubt put together: they have the mean of the whole.
   */
  slice(outputs: Outputs, size: number, index: number, count: number): Float64Array {
    const members = outputs.length;
    return Float64Array.from({ length: size }, (_, i) => {
      const values = new Float64Array(members * count);
      for (let m = 0; m < members; m++) values.set(this.belief(outputs, m, i).atoms(count), m * count);
      const own = values.sort().subarray(index * members, (index + 1) * members);
      return own.reduce((a, b) => a + b, 0) / members;
    });
  }

  /** log of the mean over members of the label's probability. */
  labelLogProbs(outputs: Outputs, size: number, label: number): Float64Array {
    const { head, scales } = this.config;
    const k = head.outputs;
    return Float64Array.from({ length: size }, (_, i) => {
      const p = outputs.reduce((sum, rows, m) => {
        const logits = Float64Array.from(rows.subarray(i * k, (i + 1) * k), (x) => x / scales[m]);
        return sum + softmaxOf(logits)[label];
      }, 0);
      return Math.log(p / outputs.length);
    });
  }

  /** Place of a label; the first where none is named. P521 where there is none of that name. */
  labelIndex(label: string | undefined): number {
    const { kind, labels } = this.config;
    if (kind !== 'label') {
      throw fail('P521', `"${this.source}" is a reward model, not a classifier: it has no labels.`, {
        help: `write reward_model("${this.source}").`,
      });
    }
    if (label === undefined) return 0;
    const found = labels.indexOf(label);
    if (found >= 0) return found;
    const guess = nearestName(label, labels);
    throw fail('P521', `the classifier "${this.source}" has no label "${label}".`, {
      help:
        guess === undefined
          ? `its labels are ${labels.join(', ')}.`
          : `did you mean "${guess}"? Its labels are ${labels.join(', ')}.`,
    });
  }

  /** Where one linear head reads the mean state: what engines can push towards. */
  linear(label: number): LinearClassifier | undefined {
    const { config, members } = this.stored;
    const { head, kind } = config;
    if (kind !== 'label' || head.head !== 'linear' || head.pooling !== 'mean' || members.length !== 1) return undefined;
    const [scale] = config.scales;
    const score = (members[0].get('score.weight') as Float32Array).map((x) => x / scale);
    const bias = (members[0].get('score.bias') ?? new Float32Array(head.outputs)).map((x) => x / scale);
    return { states: this.base.id, labels: head.outputs, score, bias, label };
  }

  /** P521 where this is a classifier. */
  requireReward(): void {
    if (this.config.kind !== 'label') return;
    throw fail('P521', `"${this.source}" is a classifier, not a reward model.`, {
      help: `write classifier("${this.source}", label = "${this.config.labels[0]}").`,
    });
  }
}

/** Opens the model of a folder. Errors as `readReward` and `openBase`, P521 where its base is another than it was trained over. */
export async function openReward(folder: string, source: string, runtime: TensorRuntime): Promise<RewardModel> {
  const stored = await readReward(folder);
  const { base } = stored.config;
  const whole = base.id === '';
  const opened = await openBase(whole ? folder : modelPath(base.source, folder), runtime, whole);
  if (!whole && opened.id !== base.id) {
    throw fail('P521', `"${source}" was trained over another "${base.source}" than the one that is there.`, {
      kind: 'outside',
      help: 'train it again with post train-reward, or put back the model that it was trained over.',
    });
  }
  return new RewardModel(opened, stored, source);
}
