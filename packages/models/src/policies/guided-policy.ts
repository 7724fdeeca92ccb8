import { AdamW } from '../training/adam-w.ts';
import {
  choiceOffsets,
  type LanguageModel,
  type PolicyOptions,
  type SequenceBatch,
  type Snapshot,
  type StoredModel,
  type TrainablePolicy,
  type UpdateInfo,
  type UpdateStep,
} from '../port/index.ts';
import { Guide } from './guide.ts';
import { guideArrays, insistSameGuides, restoreGuides } from './guide-arrays.ts';
import { guidedModel, logProbsOf, tiltRows } from './guided-model.ts';
import { storedGuided } from './stored-guided.ts';

type Rows = Float32Array | Float64Array;

/** A long memory of second moments: where the reward is rare its gradients are large, and a scale that rises with each holds them down. */
const BETA2 = 0.999;

/** A policy with the guides that its options name, or as it is where they name none. */
export function guided(policy: TrainablePolicy, { guides, guideRate = 0 }: PolicyOptions): TrainablePolicy {
  return guides === undefined
    ? policy
    : new GuidedPolicy(
        policy,
        guides.map((g) => new Guide(g)),
        guideRate,
      ).asPolicy();
}

/** Rows of π, and what the readings of its guides read in those of the base, for each choice; undefined where none reads. */
interface Known {
  readonly rows: Rows;
  readonly logs: Float64Array | undefined;
}

/**
 * A policy whose laws have guides. With π the guided law, the gradient of Σ c[v] log π(v) goes through its logits as a[v] = c[v] −
 * (Σ c) π(v), which sums to 0: as coefficients of its own rows it moves what is guided, summed by where tokens lead it moves the guide,
 * and by way of what a guide reads in the rows once more what is guided.
 */
class GuidedPolicy {
  private readonly width: number;
  private readonly optimiser: AdamW;
  /** What was asked for last, since the policy moved. */
  private kept: ({ readonly batch: SequenceBatch; readonly of: Int32Array | undefined } & Known) | undefined;

  constructor(
    private readonly base: TrainablePolicy,
    private readonly guides: readonly Guide[],
    private readonly rate: number,
  ) {
    this.width = base.vocabulary.size + 1;
    const values = guides.map(({ values }, law) => [String(law), values] as const);
    this.optimiser = new AdamW(new Map(values), { clip: Infinity, beta2: BETA2 });
  }

  asPolicy(): TrainablePolicy {
    const { base } = this;
    const id = `${base.id}~guided`;
    const laws = this.lawsOver(base.laws, this.guides, id);
    return {
      ...laws[0],
      id,
      parameters: base.parameters + (this.rate > 0 ? this.guides.reduce((n, g) => n + g.values.length, 0) : 0),
      laws,
      update: (batch, coefficients, how = {}) => this.update(batch, coefficients, how),
      rows: async (batch, of) => (await this.known(batch, of)).rows.slice(),
      updateRows: async (batch, coefficients, how = {}) =>
        this.move(batch, await this.known(batch, how.laws), coefficients, how),
      snapshot: () => this.snapshot(),
      restore: (snapshot) => this.restore(snapshot),
      frozen: async () => {
        const frozen = await base.frozen();
        const copies = this.guides.map((g) => g.copy());
        return this.lawsOver(frozen, copies, frozen[0].id);
      },
      stored: async (): Promise<StoredModel> => storedGuided(await base.stored(), this.guides),
    };
  }

  /** Most numbers that a guide reads in a row. */
  private get reads(): number {
    return Math.max(...this.guides.map(({ reader }) => reader?.size ?? 0));
  }

  private lawsOver(laws: readonly LanguageModel[], guides: readonly Guide[], id: string): readonly LanguageModel[] {
    return laws.map((law, k) => guidedModel(law, guides[k], `${id}~guided.${k}`));
  }

  private guideOf(of: Int32Array | undefined): (sequence: number) => Guide {
    return of === undefined ? () => this.guides[0] : (i) => this.guides[of[i]];
  }

  /** A step that has asked for the rows of π is not made to wait for them again. */
  private async known(batch: SequenceBatch, of: Int32Array | undefined): Promise<Known> {
    if (this.kept?.batch === batch && this.kept.of === of) return this.kept;
    const rows = await this.base.rows(batch, of);
    const logs = this.reads > 0 ? this.logsRead(batch, rows, of) : undefined;
    tiltRows(rows, batch, this.guideOf(of));
    const known = { batch, of, rows, logs };
    return (this.kept = known);
  }

  /** Choices × `reads`. */
  private logsRead(batch: SequenceBatch, rows: Rows, of: Int32Array | undefined): Float64Array {
    const at = choiceOffsets(batch);
    const { reads } = this;
    const out = new Float64Array(at[batch.size] * reads);
    for (let i = 0; i < batch.size; i++) {
      const { reader } = this.guideOf(of)(i);
      for (let j = at[i]; j < at[i + 1]; j++) reader?.copyLogs(rows, j * this.width, out, j * reads);
    }
    return out;
  }

  private async update(batch: SequenceBatch, coefficients: Float64Array, how: UpdateStep): Promise<UpdateInfo> {
    const known = await this.known(batch, how.laws);
    const at = choiceOffsets(batch);
    const each = new Float64Array(known.rows.length);
    const byText = coefficients.length === batch.size;
    for (let i = 0; i < batch.size; i++) {
      for (let j = at[i]; j < at[i + 1]; j++) {
        const k = batch.offsets[i] + j - at[i];
        const token = k < batch.offsets[i + 1] ? batch.tokens[k] : this.width - 1;
        each[j * this.width + token] = coefficients[byText ? i : j];
      }
    }
    return this.move(batch, known, each, how);
  }

  /** One step upwards on Σ c log π; uses up the rows of π. */
  private async move(
    batch: SequenceBatch,
    { rows, logs }: Known,
    coefficients: Rows,
    how: UpdateStep,
  ): Promise<UpdateInfo> {
    this.kept = undefined;
    const logProbs = logProbsOf(rows, batch, this.width);
    for (let from = 0; from < rows.length; from += this.width) {
      let sum = 0;
      for (let k = from; k < from + this.width; k++) sum += coefficients[k];
      for (let k = from; k < from + this.width; k++) rows[k] = coefficients[k] - sum * Math.exp(rows[k]);
    }
    // A guide that neither moves nor reads has none to work out.
    const idle = this.rate === 0 && logs === undefined;
    const gradients = idle ? new Map<string, Float32Array>() : this.guideGradients(batch, rows, logs, how.laws);
    const info = await this.base.updateRows(batch, rows, how);
    const own = this.rate === 0 ? 0 : this.optimiser.step(gradients, this.rate * (how.rate ?? 1)).gradientNorm;
    return { gradientNorm: Math.hypot(info.gradientNorm, own), clipped: info.clipped, logProbs };
  }

  /** Of the guides' values, downwards, from the gradient by logits; adds to that what goes through what the guides read in the rows. */
  private guideGradients(batch: SequenceBatch, logits: Rows, logs: Float64Array | undefined, laws?: Int32Array) {
    const { reads } = this;
    const gradients = this.guides.map(({ values }) => new Float32Array(values.length));
    const at = choiceOffsets(batch);
    for (let i = 0; i < batch.size; i++) {
      const law = laws?.[i] ?? 0;
      const { machine, reader } = this.guides[law];
      const { states, classes, classOf, next } = machine;
      const sums = new Float64Array(classes);
      this.guides[law].walk(batch, i, (t, state) => {
        const j = at[i] + t;
        const from = j * this.width;
        sums.fill(0);
        for (let v = 0; v < this.width - 1; v++) sums[classOf[v]] += logits[from + v];
        for (let c = 0; c < classes; c++) {
          const to = next[state * classes + c];
          const index = (t + 1) * states + to;
          gradients[law][index] -= sums[c];
          if (logs === undefined) continue;
          reader?.addGradient(logits, from, { logs, at: j * reads }, { index, state: to }, sums[c]);
        }
      });
    }
    return new Map(gradients.map((g, law) => [String(law), g]));
  }

  private async snapshot(): Promise<Snapshot> {
    const { step, arrays } = await this.base.snapshot();
    return { step, arrays: { ...arrays, ...guideArrays(this.guides, this.optimiser) } };
  }

  private async restore(snapshot: Snapshot): Promise<void> {
    insistSameGuides(this.guides, snapshot);
    this.kept = undefined;
    await this.base.restore(snapshot);
    restoreGuides(this.guides, this.optimiser, snapshot);
  }
}
