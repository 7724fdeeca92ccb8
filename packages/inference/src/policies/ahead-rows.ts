import type { LanguageModel, SequenceBatch } from '@postulate/models';
import { andThen, repeat, type Maybe } from '../bind/maybe.ts';
import { logSumExp } from '../numeric/index.ts';
import type { LawRows } from '../port/index.ts';
import type { Twist } from '../twists/index.ts';
import { answer, waitFor, waysOn, type AskedRow, type Asking, type Way } from './asking.ts';
import { combine } from './twisted-rows.ts';

type Rows = Float32Array | Float64Array;

/** A row of the session: a text of the batch that is read, or a prefix of one with a way on. */
interface Reader {
  readonly text: number;
  readonly depth: number;
  /** Of the row of the prefix of the batch, what goes this way: by the prior or by c, whichever is more. */
  readonly share: number;
  readonly asker: Way | undefined;
}

/**
 * log c(v | s) at every choice of a batch, c(v | s) ∝ prior(v | s) · ψ(s v), where ψ of the tokens that may change the row most is
 * not the twist's word but what the prior says a token further on, E[ψ(s v u) | s v], and so on `depth` times (`waysOn`). Where ψ is the
 * expectation itself that is the same; where it comes from a table that stands for the prior, the prior is asked how likely it is to
 * finish a word that it has begun. Choices × (V + 1), in the order of `choiceOffsets`, normalised; nats. At choices marked in `settled`
 * ψ does not matter any more.
 */
export function aheadRows(
  prior: LanguageModel,
  twist: Twist,
  batch: SequenceBatch,
  { depth, doubts }: Asking,
  settled?: Uint8Array,
): Maybe<LawRows> {
  const run = new Ahead(prior, twist, batch, { depth, doubts }, settled);
  return andThen(
    repeat(() => run.step()),
    () => ({ rows: run.out, known: run.known() }),
  );
}

class Ahead {
  readonly out: Rows;
  private readonly prior: LanguageModel;
  private readonly batch: SequenceBatch;
  private readonly depth: number;
  private readonly logDoubts: Float64Array | undefined;
  private readonly settled: Uint8Array | undefined;
  private readonly width: number;
  private readonly session: ReturnType<LanguageModel['open']>;
  private readonly twisted: ReturnType<Twist['open']>;
  private readonly scores: Float64Array;
  private readonly starts: Int32Array;
  /** At each choice: log Σ prior · ψ over its row, and log prior of the token that was drawn. */
  private readonly totals: Float64Array;
  private readonly priors: Float64Array;
  private readers: readonly Reader[];
  private t = 0;

  constructor(prior: LanguageModel, twist: Twist, batch: SequenceBatch, asking: Asking, settled?: Uint8Array) {
    [this.prior, this.batch, this.depth, this.settled] = [prior, batch, asking.depth, settled];
    this.logDoubts = asking.doubts?.map((d) => Math.log(d));
    this.width = prior.vocabulary.size + 1;
    this.session = prior.open(batch.size);
    this.twisted = twist.open(batch.size);
    this.scores = new Float64Array(this.width);
    this.starts = new Int32Array(batch.size + 1);
    for (let i = 0; i < batch.size; i++) this.starts[i + 1] = this.starts[i] + this.choices(i);
    this.totals = new Float64Array(this.starts[batch.size]);
    this.priors = new Float64Array(this.starts[batch.size]);
    const cells = this.starts[batch.size] * this.width;
    this.out = this.session.logProbs instanceof Float32Array ? new Float32Array(cells) : new Float64Array(cells);
    this.readers = Array.from({ length: batch.size }, (_, text) => ({ text, depth: 0, share: 1, asker: undefined }));
  }

  private choices(i: number): number {
    const { offsets, finished } = this.batch;
    return offsets[i + 1] - offsets[i] + finished[i];
  }

  /** The column of what follows `t` tokens of a text. */
  private drawn(text: number, t: number): number {
    const at = this.batch.offsets[text] + t;
    return at < this.batch.offsets[text + 1] ? this.batch.tokens[at] : this.width - 1;
  }

  /** log prior(x<t) ψ(x<t) / c(x<t) before every choice, ψ(x<t) = Σᵥ prior(v | x<t) ψ(x<t v) as it was asked. */
  known(): Float64Array {
    const out = new Float64Array(this.totals.length);
    for (let i = 0; i < this.batch.size; i++) {
      let before = 0;
      for (let j = this.starts[i]; j < this.starts[i + 1]; j++) {
        out[j] = before + this.totals[j];
        before += this.priors[j] - this.out[j * this.width + this.drawn(i, j - this.starts[i])];
      }
    }
    return out;
  }

  /** Reads the row of every prefix there is, and a token more of each that goes on; false once there is none. */
  step(): Maybe<boolean> {
    const next: Reader[] = [];
    const [ancestors, tokens]: [number[], number[]] = [[], []];
    const go = (reader: Reader, ancestor: number, token: number): void => {
      next.push(reader);
      ancestors.push(ancestor);
      tokens.push(token);
    };
    const laws = this.session.logProbs;
    this.readers.forEach((reader, k) => {
      if (reader.depth === 0 && this.t >= this.choices(reader.text)) return;
      for (const way of this.read(reader, k, laws)) {
        go({ text: reader.text, depth: reader.depth + 1, share: way.share, asker: way }, k, way.token);
      }
      const at = this.batch.offsets[reader.text] + this.t;
      if (reader.depth === 0 && at < this.batch.offsets[reader.text + 1]) go(reader, k, this.batch.tokens[at]);
    });
    this.t++;
    this.readers = next;
    if (next.length === 0 || this.t >= this.prior.maxTokens) return false;
    this.session.reorder(Int32Array.from(ancestors));
    this.twisted.reorder(Int32Array.from(ancestors));
    const read = Int32Array.from(tokens);
    return andThen(this.session.advance(read), () => andThen(this.twisted.advance(read), () => true));
  }

  /** What the row of a prefix says, to the batch or to who asks; the ways on that are to be asked about first. */
  private read({ text, depth, share, asker }: Reader, k: number, laws: Rows): readonly Way[] {
    const { scores, width } = this;
    const choice = this.starts[text] + this.t;
    if (depth === 0) this.priors[choice] = laws[k * width + this.drawn(text, this.t)];
    if (depth === 0 && this.settled?.[choice] === 1) {
      this.out.set(laws.subarray(k * width, (k + 1) * width), choice * width);
      return [];
    }
    if (this.twisted.next(k, scores) instanceof Promise) throw new TypeError('a twist that answers later has no rows');
    const from = k * width;
    // Where ψ forbids all that is possible, the law is the prior's, as for every twisted law.
    if (combine(laws, from, 1, scores) === -Infinity) combine(laws, from, 1, scores.fill(0));
    const total = logSumExp(scores);
    if (depth === 0) {
      this.totals[choice] = total;
      for (let v = 0; v < width; v++) this.out[choice * width + v] = scores[v] - total;
    }
    const row: AskedRow = { laws, from, scores, total, share };
    const goesOn = depth < this.depth && this.t + 1 < this.prior.maxTokens;
    const asked = goesOn ? waysOn(row, depth, this.logDoubts) : [];
    if (asked.length > 0) return waitFor(row, asked, asker, choice);
    if (asker !== undefined) this.tell(asker, total);
    return [];
  }

  private tell(way: Way, value: number): void {
    const known = answer(way, value);
    if (known === undefined) return;
    const { of, now } = known;
    this.totals[of.choice] = now;
    const at = of.choice * this.width;
    for (let v = at; v < at + this.width; v++) this.out[v] += of.total - now;
    for (const w of of.ways) this.out[at + w.token] = w.logPrior + w.value - now;
  }
}
