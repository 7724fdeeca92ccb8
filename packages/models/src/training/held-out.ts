import type { Tensor, TensorRuntime } from '../tensor/index.ts';
import type { DecoderConfig } from '../transformer/config.ts';
import { parametersOf } from '../transformer/parameters.ts';
import { scoreProgram } from '../transformer/programs.ts';
import type { Arrays } from './adam-w.ts';
import { batchInputs } from './batch-inputs.ts';
import { packTexts } from './packing.ts';

export interface HeldOut {
  /** −Σ log p over all tokens and ends, nats. */
  readonly nats: number;
  /** How many tokens and ends that were. */
  readonly tokens: number;
}

/** How well a decoder predicts texts, each on its own from its start. Texts longer than a row get half a row of context. */
export async function heldOut(
  runtime: TensorRuntime,
  config: DecoderConfig,
  weights: Arrays,
  texts: readonly Int32Array[],
  { end, batch, length }: { readonly end: number; readonly batch: number; readonly length: number },
): Promise<HeldOut> {
  const shapes = new Map(parametersOf(config).map(({ name, shape }) => [name, shape]));
  const compiled = await runtime.compile(scoreProgram(config, { batch, length }, [], { packed: true }));
  const rows = packTexts(texts, length, end);
  let nats = 0;
  let tokens = 0;
  for (let at = 0; at < rows.length; at += batch) {
    const some = rows.slice(at, at + batch);
    while (some.length < batch) some.push(some[0]);
    const inputs: Record<string, Tensor> = batchInputs(runtime, config, some, length);
    for (const [name, data] of weights) inputs[name] = runtime.tensor(data, shapes.get(name) as readonly number[]);
    const { logProbs } = await compiled.run(inputs);
    const values = (await logProbs.data()) as Float32Array;
    rows.slice(at, at + batch).forEach(({ counts }, r) => {
      counts.forEach((counted, i) => {
        nats -= counted * values[r * length + i];
        tokens += counted;
      });
    });
    for (const tensor of [...Object.values(inputs), logProbs]) tensor.dispose();
  }
  await compiled.dispose();
  return { nats, tokens };
}
