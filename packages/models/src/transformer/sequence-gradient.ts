import { choiceOffsets, type SequenceBatch } from '../port/index.ts';
import type { Program, Tensor } from '../tensor/index.ts';
import { type Decoder, paddedLength, widened } from './decoder.ts';
import { trainableOf } from './parameters.ts';
import { placeSequences, type PlacedSequences, runsOf } from './placed.ts';
import { gradientName, rowsProgram, scoreProgram } from './programs.ts';

export interface SequenceGradient {
  /** log q of every choice (`choiceOffsets`), nats; of a sequence that the vocabulary cannot give, whatever the decoder says. */
  readonly logProbs: Float64Array;
  /** ∂/∂parameter of Σ coefficients · log q, for each trainable array. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

type PrefixOf = (sequence: number) => Int32Array;

/** log q of every choice after the sequences' prefixes, and the gradient of Σ over choices of coefficient · log q. */
export async function sequenceGradient(
  decoder: Decoder,
  batch: SequenceBatch,
  prefixOf: PrefixOf,
  coefficients: Float64Array,
): Promise<SequenceGradient> {
  const at = choiceOffsets(batch);
  const logProbs = new Float64Array(at[batch.size]);
  const sum = new GradientSum(decoder);
  for (const [from, to] of runsOf(batch, prefixOf, decoder.config.vocabulary)) {
    const placed = placeSequences(batch, from, to, prefixOf, decoder.endTarget);
    const padded = paddedLength(placed.length);
    const spot = spotOf(placed, padded);
    const wide = spread(coefficients.subarray(at[from]), placed, padded, 1);
    const make = (names: readonly string[]): Program =>
      scoreProgram(decoder.config, { batch: 'batch', length: padded }, names, decoder.scoring);
    const results = await run(decoder, placed, padded, `gradient ${padded}`, make, wide, 1);
    const values = (await results['logProbs'].data()) as Float32Array;
    placed.places.forEach((_, k) => (logProbs[at[from] + k] = values[spot(k)]));
    await sum.add(results);
  }
  return { logProbs, gradients: sum.gradients };
}

/**
 * log q(v | prefix) at every choice, choices × (V + 1), nats; and, where there are coefficients of that shape, the gradient of
 * Σ coefficient · log q.
 */
export async function rowsGradient(
  decoder: Decoder,
  batch: SequenceBatch,
  prefixOf: PrefixOf,
  coefficients?: Float32Array | Float64Array,
): Promise<{ readonly rows: Float32Array; readonly gradients: ReadonlyMap<string, Float32Array> }> {
  const width = decoder.config.vocabulary + 1;
  const at = choiceOffsets(batch);
  const rows = new Float32Array(at[batch.size] * width);
  const sum = new GradientSum(decoder);
  for (const [from, to] of runsOf(batch, prefixOf, decoder.config.vocabulary)) {
    const placed = placeSequences(batch, from, to, prefixOf, decoder.endTarget);
    const padded = paddedLength(placed.length);
    const spot = spotOf(placed, padded);
    const wide = coefficients && spread(coefficients.subarray(at[from] * width), placed, padded, width);
    const make = (names: readonly string[]): Program =>
      rowsProgram(decoder.config, { batch: 'batch', length: padded }, decoder.tokens, names);
    const key = wide === undefined ? `rows ${padded}` : `rows gradient ${padded}`;
    const results = await run(decoder, placed, padded, key, make, wide, width);
    const values = (await results['rows'].data()) as Float32Array;
    placed.places.forEach((_, k) => {
      rows.set(values.subarray(spot(k) * width, (spot(k) + 1) * width), (at[from] + k) * width);
    });
    if (wide === undefined) results['rows'].dispose();
    else await sum.add(results);
  }
  return { rows, gradients: sum.gradients };
}

/** Where choice k stands once rows are as long as the program wants them. */
function spotOf({ length, places }: PlacedSequences, padded: number): (choice: number) => number {
  return (k) => Math.floor(places[k] / length) * padded + (places[k] % length);
}

/** Coefficients of choices, `width` each, where their choices stand. */
function spread(
  coefficients: Float32Array | Float64Array,
  placed: PlacedSequences,
  padded: number,
  width: number,
): Float32Array {
  const wide = new Float32Array(placed.rows * padded * width);
  const spot = spotOf(placed, padded);
  placed.places.forEach((_, k) => wide.set(coefficients.subarray(k * width, (k + 1) * width), spot(k) * width));
  return wide;
}

async function run(
  decoder: Decoder,
  placed: PlacedSequences,
  padded: number,
  key: string,
  make: (names: readonly string[]) => Program,
  coefficients: Float32Array | undefined,
  width: number,
): Promise<Readonly<Record<string, Tensor>>> {
  const { runtime, config } = decoder;
  const size = placed.rows * padded;
  const wide = (from: Int32Array): Int32Array => widened(from, placed.rows, placed.length, padded);
  const names = coefficients === undefined ? [] : trainableOf(config).map(({ name }) => name);
  const program = (): Program => make(names);
  const inputs: Record<string, Tensor> = {
    ids: runtime.tensor(wide(placed.ids), [size]),
    ...(width === 1 ? { targets: runtime.tensor(wide(placed.targets), [size]) } : {}),
    ...(coefficients === undefined ? {} : { coefficients: runtime.tensor(coefficients, [size, width]) }),
    ...decoder.positions(placed.rows, padded),
  };
  const results = await decoder.run(key, program, inputs);
  for (const tensor of Object.values(inputs)) tensor.dispose();
  return results;
}

/** Adds up the gradients of several runs, and lets go of their results. */
class GradientSum {
  readonly gradients = new Map<string, Float32Array>();
  constructor(private readonly decoder: Decoder) {}

  async add(results: Readonly<Record<string, Tensor>>): Promise<void> {
    for (const { name } of trainableOf(this.decoder.config)) {
      const part = (await results[gradientName(name)].data()) as Float32Array;
      const sum = this.gradients.get(name);
      if (sum === undefined) this.gradients.set(name, part.slice());
      else for (let i = 0; i < part.length; i++) sum[i] += part[i];
    }
    for (const tensor of Object.values(results)) tensor.dispose();
  }
}
