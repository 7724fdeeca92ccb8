import type { DecodeSession } from '../port/index.ts';
import type { GrowingRows, Rows } from './causal-model.ts';
import { WORTH } from './live-rows.ts';
import type { Core } from './neural-model.ts';
import { RowShaper } from './row-shaping.ts';

/** Engines forget their sessions without a word: what a runtime keeps for one goes with it. */
const forgotten = new FinalizationRegistry<{ rows: GrowingRows | undefined }>((kept) => kept.rows?.dispose());

/** `first` is the network's own law after the prefix, as logarithms. */
export function openNeural(core: Core, first: Rows, batch: number): DecodeSession {
  const session = new NeuralSession(core, first, batch);
  forgotten.register(session, session.kept);
  return session;
}

/**
 * A batch that is extended token by token. Sequences that have the same past share a row until they read their next token, so that
 * resampling costs nothing before that; rows of sequences that read the end of the text are dropped once they are many.
 */
class NeuralSession implements DecodeSession {
  readonly kept: { rows: GrowingRows | undefined } = { rows: undefined };
  /** Row of each sequence, −1 where it has ended. */
  #row: Int32Array;
  #count = 1;
  #position = 0;
  /** The network's law, by row. */
  #raw: Rows;
  /** The prior's law, by sequence, where it has been asked for. */
  #shaped: Rows | undefined;
  readonly #shaper: RowShaper;

  constructor(
    private readonly core: Core,
    first: Rows,
    batch: number,
  ) {
    this.#row = new Int32Array(batch);
    this.#raw = first;
    this.#shaper = new RowShaper(core.size, core.shaping, 'logProbs');
  }

  get logProbs(): Rows {
    return (this.#shaped ??= this.#write());
  }

  #write(): Rows {
    const width = this.core.size + 1;
    const plain = this.#shaper.plain;
    if (plain && this.#count === this.#row.length && this.#row.every((row, i) => row === i)) return this.#raw;
    const size = this.#row.length * width;
    const out = plain && this.#raw instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
    const written = new Int32Array(this.#count).fill(-1);
    this.#row.forEach((row, i) => {
      if (row === -1) out.fill(-Infinity, i * width, (i + 1) * width);
      else if (written[row] !== -1) out.copyWithin(i * width, written[row] * width, (written[row] + 1) * width);
      else {
        written[row] = i;
        if (plain) out.set(this.#raw.subarray(row * width, (row + 1) * width), i * width);
        else {
          this.#shaper.load(this.#raw, row * width);
          this.#shaper.write(out, i * width);
        }
      }
    });
    return out;
  }

  async advance(tokens: Int32Array): Promise<void> {
    this.#shaped = undefined;
    this.#position++;
    this.#row.forEach((_, i) => {
      if (tokens[i] < 0 || tokens[i] >= this.core.size) this.#row[i] = -1;
    });
    const going = Int32Array.from(this.#row, (_, i) => i).filter((i) => this.#row[i] !== -1);
    // At `maxTokens` there is nothing left to choose.
    if (going.length === 0 || this.#position >= this.core.maxTokens) return;
    await this.#spread(going);
    // Rows whose sequence has ended read any token.
    const read = new Int32Array(this.#count).fill(tokens[going[0]]);
    for (const i of going) read[this.#row[i]] = tokens[i];
    this.#raw = await this.kept.rows!.step(read);
  }

  /** So many rows that go on are worth leaving the others out. A server would be asked about each of them. */
  get #least(): number {
    return this.core.network.rows === undefined ? this.#count - 1 : WORTH * this.#count;
  }

  /** Gives each sequence that goes on a row of its own; rows that none goes on with are dropped when it pays. */
  async #spread(going: Int32Array): Promise<void> {
    const from = Int32Array.from(going, (i) => this.#row[i]);
    const { kept } = this;
    if (kept.rows === undefined) kept.rows = await (await this.core.root('logProbs')).rows.fork(from);
    else if (from.length <= this.#least || new Set(from).size < from.length) await kept.rows.reorder(from);
    else return;
    going.forEach((i, row) => (this.#row[i] = row));
    this.#count = going.length;
  }

  reorder(ancestors: Int32Array): void {
    this.#row = Int32Array.from(ancestors, (a) => this.#row[a]);
    this.#shaped = undefined;
  }
}
