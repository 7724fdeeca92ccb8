import type { LanguageModel, SequenceBatch } from '@postulate/models';
import { andThen, repeat, type Maybe } from '../bind/maybe.ts';
import { logAddExp, logSumExp } from '../numeric/index.ts';
import type { Twist } from '../twists/index.ts';
import { combine } from './twisted-rows.ts';

type Rows = Float32Array | Float64Array;

/** A prefix that waits to be told what one way on from it is worth. */
interface Waiting {
  /** log Σ prior · ψ over all tokens by the twist, and over all but the one asked about; log prior of that one. */
  readonly total: number;
  readonly rest: number;
  readonly logPrior: number;
  readonly token: number;
  /** What waits for this prefix in its turn; none for a prefix of the batch, whose row begins at `at`. */
  readonly parent: Waiting | undefined;
  readonly at: number;
}

/** A row of the session: a text of the batch that is read, or a prefix of one with a way on. */
interface Reader {
  readonly text: number;
  readonly depth: number;
  readonly parent: Waiting | undefined;
}

/** Ways on of less weight than this share of the row, beyond what they would weigh at the mean of ψ, are not asked about. */
const LEAST_GAIN = 1e-3;
/** A token whose log ψ is no further than this from the row's mean cannot gain enough to matter. */
const LEAST_CHANGE = 0.1;

/**
 * log c(v | s) at every choice of a batch, c(v | s) ∝ prior(v | s) · ψ(s v), where ψ of the token that the twist changes the row by most
 * is not the twist's word but what the prior says a token further on, E[ψ(s v u) | s v], and so on `depth` times. Where ψ is the
 * expectation itself that is the same; where it comes from a table that stands for the prior, the prior is asked how likely it is to
 * finish a word that it has begun. Choices × (V + 1), in the order of `choiceOffsets`, normalised; nats. At choices marked in `settled`
 * ψ does not matter any more.
 */
export function aheadRows(
  prior: LanguageModel,
  twist: Twist,
  batch: SequenceBatch,
  depth: number,
  settled?: Uint8Array,
): Maybe<Rows> {
  const run = new Ahead(prior, twist, batch, depth, settled);
  return andThen(
    repeat(() => run.step()),
    () => run.out,
  );
}

class Ahead {
  readonly out: Rows;
  private readonly prior: LanguageModel;
  private readonly batch: SequenceBatch;
  private readonly depth: number;
  private readonly settled: Uint8Array | undefined;
  private readonly width: number;
  private readonly session: ReturnType<LanguageModel['open']>;
  private readonly twisted: ReturnType<Twist['open']>;
  private readonly scores: Float64Array;
  private readonly starts: Int32Array;
  private readers: readonly Reader[];
  private t = 0;

  constructor(prior: LanguageModel, twist: Twist, batch: SequenceBatch, depth: number, settled?: Uint8Array) {
    [this.prior, this.batch, this.depth, this.settled] = [prior, batch, depth, settled];
    this.width = prior.vocabulary.size + 1;
    this.session = prior.open(batch.size);
    this.twisted = twist.open(batch.size);
    this.scores = new Float64Array(this.width);
    this.starts = new Int32Array(batch.size + 1);
    for (let i = 0; i < batch.size; i++) this.starts[i + 1] = this.starts[i] + this.choices(i);
    const cells = this.starts[batch.size] * this.width;
    this.out = this.session.logProbs instanceof Float32Array ? new Float32Array(cells) : new Float64Array(cells);
    this.readers = Array.from({ length: batch.size }, (_, text) => ({ text, depth: 0, parent: undefined }));
  }

  private choices(i: number): number {
    const { offsets, finished } = this.batch;
    return offsets[i + 1] - offsets[i] + finished[i];
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
      const way = this.read(reader, k, laws);
      if (way !== undefined) go({ text: reader.text, depth: reader.depth + 1, parent: way }, k, way.token);
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

  /** What the row of a prefix says, to the batch or to who waits for it, unless a way on is to be asked about first. */
  private read({ text, depth, parent }: Reader, k: number, laws: Rows): Waiting | undefined {
    const { scores, width } = this;
    const choice = this.starts[text] + this.t;
    if (depth === 0 && this.settled?.[choice] === 1) {
      this.out.set(laws.subarray(k * width, (k + 1) * width), choice * width);
      return undefined;
    }
    if (this.twisted.next(k, scores) instanceof Promise) throw new TypeError('a twist that answers later has no rows');
    const from = k * width;
    // Where ψ forbids all that is possible, the law is the prior's, as for every twisted law.
    if (combine(laws, from, 1, scores) === -Infinity) combine(laws, from, 1, scores.fill(0));
    const total = logSumExp(scores);
    const at = choice * width;
    if (depth === 0) {
      for (let v = 0; v < width; v++) this.out[at + v] = scores[v] - total;
    }
    const way = depth < this.depth && this.t + 1 < this.prior.maxTokens ? this.wayOn(laws, from, total) : undefined;
    if (way === undefined) {
      if (parent !== undefined) this.tell(parent, total);
      return undefined;
    }
    scores[way] = -Infinity;
    const rest = logSumExp(scores);
    return { total, rest, logPrior: laws[from + way], token: way, parent, at };
  }

  /** The token that ψ changes the row by most, if by enough. */
  private wayOn(laws: Rows, from: number, total: number): number | undefined {
    let [most, found]: [number, number | undefined] = [LEAST_GAIN, undefined];
    for (let v = 0; v + 1 < this.width; v++) {
      const change = this.scores[v] - laws[from + v] - total;
      if (!(Math.abs(change) > LEAST_CHANGE) || this.scores[v] === -Infinity) continue;
      const gain = Math.exp(laws[from + v]) * Math.abs(Math.expm1(change));
      if (gain > most) [most, found] = [gain, v];
    }
    return found;
  }

  /** `value` is log ψ of the way on that a prefix waits for. */
  private tell({ total, rest, logPrior, token, parent, at }: Waiting, value: number): void {
    const now = logAddExp(rest, logPrior + value);
    if (parent !== undefined) {
      this.tell(parent, now);
      return;
    }
    for (let v = at; v < at + this.width; v++) this.out[v] += total - now;
    this.out[at + token] = logPrior + value - now;
  }
}
