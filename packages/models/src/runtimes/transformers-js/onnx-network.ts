import { type Columns, foldLogits } from '../../neural/fold-logits.ts';
import type { CausalModel, GrowingRows, Law, Rows } from '../../neural/index.ts';
import type { SequenceBatch } from '../../port/index.ts';
import type { LibraryTensor, LoadedDecoder } from './load-decoder.ts';

type Cache = Readonly<Record<string, LibraryTensor>>;

/** An ONNX export as a network: its forward pass alone, with the cache in our hands. */
export function onnxNetwork(decoder: LoadedDecoder, columns: Columns, id: string, positions: number): CausalModel {
  return {
    id,
    size: columns.size,
    positions,
    abilities: { score: true, next: 'all', fork: true, semantics: 'raw', maxTemperature: Infinity, seeds: 'exact' },
    async open(prefix, law) {
      const rows = new OnnxRows(decoder, columns, law, 1, 0, undefined);
      return { rows, first: await rows.read(prefix, prefix.length) };
    },
    score: (prefix, batch) => scoreAll(decoder, columns, prefix, batch),
  };
}

function wholes({ Tensor }: LoadedDecoder, values: ArrayLike<number>, rows: number): unknown {
  return new Tensor('int64', BigInt64Array.from(Array.from(values), BigInt), [rows, values.length / rows]);
}

/** `rows` rows of `length` new tokens each, after `past` that they have read. */
function inputs(decoder: LoadedDecoder, tokens: ArrayLike<number>, rows: number, past: number) {
  const length = tokens.length / rows;
  return {
    input_ids: wholes(decoder, tokens, rows),
    attention_mask: wholes(decoder, new Uint8Array(rows * (past + length)).fill(1), rows),
    position_ids: wholes(
      decoder,
      Int32Array.from({ length: tokens.length }, (_, i) => past + (i % length)),
      rows,
    ),
  };
}

class OnnxRows implements GrowingRows {
  constructor(
    private readonly decoder: LoadedDecoder,
    private readonly columns: Columns,
    private readonly law: Law,
    private size: number,
    private position: number,
    private cache: Cache | undefined,
  ) {}

  step(tokens: Int32Array): Promise<Rows> {
    return this.read(tokens, 1);
  }

  /** Reads `length` tokens a row and gives the law after the last. */
  async read(tokens: Int32Array, length: number): Promise<Rows> {
    const past = this.cache === undefined ? {} : { past_key_values: this.cache };
    const asked = inputs(this.decoder, tokens, this.size, this.position);
    const { logits, ...present } = await this.decoder.forward({ ...asked, ...past });
    const own = Object.entries(present).filter(([name]) => name.startsWith('present.'));
    this.cache = Object.fromEntries(own.map(([name, t]) => [name.replace('present', 'past_key_values'), t]));
    this.position += length;
    const { columns, law, size } = this;
    const width = logits.dims[2];
    const out = new Float32Array(size * (columns.size + 1));
    for (let r = 0; r < size; r++) {
      foldLogits(logits.data, (r * length + length - 1) * width, columns, out, r * (columns.size + 1), law);
    }
    return out;
  }

  #gathered(ancestors: Int32Array): Cache | undefined {
    if (this.cache === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(this.cache).map(([name, { data, dims }]) => {
        const row = data.length / dims[0];
        const moved = new Float32Array(row * ancestors.length);
        ancestors.forEach((a, i) => moved.set(data.subarray(a * row, (a + 1) * row), i * row));
        const tensor: unknown = new this.decoder.Tensor('float32', moved, [ancestors.length, ...dims.slice(1)]);
        return [name, tensor as LibraryTensor];
      }),
    );
  }

  reorder(ancestors: Int32Array): Promise<void> {
    this.cache = this.#gathered(ancestors);
    this.size = ancestors.length;
    return Promise.resolve();
  }

  fork(ancestors: Int32Array): Promise<GrowingRows> {
    const { decoder, columns, law, position } = this;
    return Promise.resolve(new OnnxRows(decoder, columns, law, ancestors.length, position, this.#gathered(ancestors)));
  }

  dispose(): void {
    this.cache = undefined;
  }
}

/** log p of each sequence: all of one length in one pass, no padding. */
async function scoreAll(
  decoder: LoadedDecoder,
  columns: Columns,
  prefix: Int32Array,
  batch: SequenceBatch,
): Promise<Float64Array> {
  const scores = new Float64Array(batch.size);
  const groups = new Map<number, number[]>();
  for (let i = 0; i < batch.size; i++) {
    const words = batch.offsets[i + 1] - batch.offsets[i] + batch.finished[i];
    groups.set(words, [...(groups.get(words) ?? []), i]);
  }
  const law = new Float64Array(columns.size + 1);
  for (const [words, members] of groups) {
    if (words === 0) continue;
    const texts = members.map((i) => batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]));
    const read = prefix.length + words - 1;
    const tokens = new Int32Array(members.length * read);
    texts.forEach((text, k) => tokens.set([...prefix, ...text].slice(0, read), k * read));
    const { logits } = await decoder.forward(inputs(decoder, tokens, members.length, 0));
    members.forEach((i, k) => {
      for (let t = 0; t < words; t++) {
        foldLogits(logits.data, (k * read + prefix.length - 1 + t) * logits.dims[2], columns, law, 0, 'logProbs');
        scores[i] += law[texts[k][t] ?? columns.size];
      }
    });
  }
  return scores;
}
