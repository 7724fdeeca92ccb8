import { type CausalModel, type GrowingRows, type Law, NEURAL_ROWS, type Rows } from '../../neural/index.ts';
import type { SequenceBatch } from '../../port/index.ts';
import type { Dialect } from './dialect.ts';

/** Whole laws of a server as a network. It keeps nothing of a sequence here: every step sends all that was read. */
export function serverNetwork(dialect: Dialect): CausalModel {
  const { id, abilities, vocabulary, positions, end } = dialect;
  return {
    id,
    size: vocabulary.size,
    positions,
    abilities,
    async open(prefix, law) {
      const rows = new ServerRows(dialect, [prefix], law);
      return { rows, first: await rows.laws() };
    },
    ...(abilities.score
      ? {
          score: async (prefix, batch) =>
            Float64Array.from(await dialect.score(written(prefix, batch, end), prefix.length)),
        }
      : {}),
  };
}

/** Sequences as a server reads them: after the prefix, and with the end where they have one. */
export function written(prefix: Int32Array, batch: SequenceBatch, end: number): readonly Int32Array[] {
  return Array.from({ length: batch.size }, (_, i) => {
    const tokens = batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]);
    return Int32Array.of(...prefix, ...tokens, ...(batch.finished[i] === 1 ? [end] : []));
  });
}

class ServerRows implements GrowingRows {
  #read: readonly Int32Array[];

  constructor(
    private readonly dialect: Dialect,
    read: readonly Int32Array[],
    private readonly law: Law,
  ) {
    this.#read = read;
  }

  /** Sequences that read the same are asked for once, as many together as a prior draws side by side. */
  async laws(): Promise<Rows> {
    const width = this.dialect.vocabulary.size + 1;
    const places = new Map<string, number>();
    const place = this.#read.map((tokens) => {
      const key = tokens.join();
      if (!places.has(key)) places.set(key, places.size);
      return places.get(key) as number;
    });
    const distinct = [...places.values()].map((p) => this.#read[place.indexOf(p)]);
    const groups = Array.from({ length: Math.ceil(distinct.length / NEURAL_ROWS) }, (_, k) =>
      this.dialect.laws(distinct.slice(k * NEURAL_ROWS, (k + 1) * NEURAL_ROWS)),
    );
    const laws = await Promise.all(groups);
    const out = new Float64Array(this.#read.length * width);
    place.forEach((p, i) => {
      const at = (p % NEURAL_ROWS) * width;
      out.set(laws[Math.floor(p / NEURAL_ROWS)].subarray(at, at + width), i * width);
    });
    return this.law === 'logProbs' ? out : out.map(Math.exp);
  }

  step(tokens: Int32Array): Promise<Rows> {
    this.#read = this.#read.map((read, i) => Int32Array.of(...read, tokens[i]));
    return this.laws();
  }

  reorder(ancestors: Int32Array): Promise<void> {
    this.#read = Array.from(ancestors, (a) => this.#read[a]);
    return Promise.resolve();
  }

  fork(ancestors: Int32Array): Promise<GrowingRows> {
    return Promise.resolve(
      new ServerRows(
        this.dialect,
        Array.from(ancestors, (a) => this.#read[a]),
        this.law,
      ),
    );
  }

  dispose(): void {
    this.#read = [];
  }
}
