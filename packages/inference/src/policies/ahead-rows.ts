import type { LanguageModel, SequenceBatch } from '@postulate/models';
import { andThen, repeat, type Maybe } from '../bind/maybe.ts';
import { logAddExp, logSumExp } from '../numeric/index.ts';
import type { LawRows } from '../port/index.ts';
import type { Twist } from '../twists/index.ts';
import { combine } from './twisted-rows.ts';

type Rows = Float32Array | Float64Array;

/** A prefix that waits to be told what some ways on from it are worth. */
interface Waiting {
  /** log Σ prior · ψ over all tokens by the twist, and over all but those asked about. */
  readonly total: number;
  readonly rest: number;
  readonly ways: readonly Way[];
  /** How many of them have no answer yet. */
  open: number;
  /** What wants to know about this prefix in its turn; nothing for a prefix of the batch, which is that before `choice`. */
  readonly asker: Way | undefined;
  readonly choice: number;
}

/** A token that the prior is asked about. */
interface Way {
  readonly of: Waiting;
  readonly token: number;
  readonly logPrior: number;
  readonly share: number;
  /** log ψ of the prefix with it, once it is known. */
  value: number;
}

/** A row of the session: a text of the batch that is read, or a prefix of one with a way on. */
interface Reader {
  readonly text: number;
  readonly depth: number;
  /** Of the row of the prefix of the batch, what goes this way: by the prior or by c, whichever is more. */
  readonly share: number;
  readonly asker: Way | undefined;
}

/** Ways on of less weight than this share of the row, beyond what they would weigh at the mean of ψ, are not asked about; its logarithm. */
const LEAST_GAIN = Math.log(1e-3);
/** A token whose log ψ is no further than this from the row's mean cannot gain enough to matter. */
const LEAST_CHANGE = 0.1;
/** Ways on from a prefix of the batch that are asked about at most; from what they lead to, one each. */
const WAYS = 2;

/** What the prior is asked. */
export interface Asking {
  /** Tokens beyond a prefix of the batch. */
  readonly depth: number;
  /** By token: how far off ψ is after it, as a share of itself, as a rule (`doubtsOf`). */
  readonly doubts?: Float64Array | undefined;
}

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
    const asked =
      depth < this.depth && this.t + 1 < this.prior.maxTokens
        ? this.waysOn(laws, from, total, share).slice(0, depth === 0 ? WAYS : 1)
        : [];
    if (asked.length === 0) {
      if (asker !== undefined) this.tell(asker, total);
      return [];
    }
    const shares = asked.map((v) => share * Math.exp(Math.max(laws[from + v], scores[v] - total)));
    for (const v of asked) scores[v] = -Infinity;
    const ways: Way[] = [];
    const waiting: Waiting = { total, rest: logSumExp(scores), ways, open: asked.length, asker, choice };
    asked.forEach((token, i) => {
      ways.push({ of: waiting, token, logPrior: laws[from + token], share: shares[i], value: NaN });
    });
    return ways;
  }

  /** The tokens that ψ may change the row by enough, the most first. */
  private waysOn(laws: Rows, from: number, total: number, share: number): readonly number[] {
    const least = LEAST_GAIN - Math.log(share);
    const found: (readonly [gain: number, token: number])[] = [];
    for (let v = 0; v + 1 < this.width; v++) {
      const change = this.scores[v] - laws[from + v] - total;
      let by = this.logDoubts === undefined ? -Infinity : this.logDoubts[v];
      if (Math.abs(change) > LEAST_CHANGE) by = Math.max(by, Math.log(Math.abs(Math.expm1(change))));
      const gain = laws[from + v] + by;
      if (gain > least && this.scores[v] > -Infinity) found.push([gain, v]);
    }
    return found.sort(([a], [b]) => b - a).map(([, v]) => v);
  }

  /** `value` is log ψ of a way on that a prefix has asked about. */
  private tell(way: Way, value: number): void {
    way.value = value;
    const { of } = way;
    if (--of.open > 0) return;
    const now = of.ways.reduce((sum, w) => logAddExp(sum, w.logPrior + w.value), of.rest);
    if (of.asker !== undefined) {
      this.tell(of.asker, now);
      return;
    }
    this.totals[of.choice] = now;
    const at = of.choice * this.width;
    for (let v = at; v < at + this.width; v++) this.out[v] += of.total - now;
    for (const { token, logPrior, value: known } of of.ways) this.out[at + token] = logPrior + known - now;
  }
}
