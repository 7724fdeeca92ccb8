import { fail } from '@postulate/graph';
import type { ValueMessage } from '../../tensor/onnx/messages.ts';
import type { DecoderConfig } from '../../transformer/config.ts';
import { baseParameters } from '../../transformer/parameters.ts';
import { INPUTS, pastKey, pastValue } from './attention.ts';
import { gpt2Logits, llamaLogits, type WeightOf } from './families.ts';
import { GraphBuilder } from './graph-builder.ts';

function cacheNames({ layers }: DecoderConfig): readonly string[] {
  return Array.from({ length: layers }, (_, i) => [pastKey(i), pastValue(i)]).flat();
}

/**
 * A decoder as an ONNX model with the inputs and outputs of exports for Hugging Face's libraries: `input_ids`, `attention_mask`,
 * `position_ids` and `past_key_values.N.key|value` in, `logits` and `present.N.key|value` out. P510 for missing weights.
 */
export function encodeOnnx(config: DecoderConfig, weights: ReadonlyMap<string, Float32Array>): Uint8Array {
  const g = new GraphBuilder();
  const shapes = new Map(baseParameters(config).map((p) => [p.name, p.shape]));
  const known = new Set<string>();
  const weight: WeightOf = (name, turned = false) => {
    const values = weights.get(name);
    const shape = shapes.get(name);
    if (values === undefined || shape === undefined) throw fail('P510', `the array "${name}" is missing.`);
    if (!known.has(name)) g.floats(name, values, shape);
    known.add(name);
    return turned ? g.transpose(name, [1, 0]) : name;
  };
  g.output((config.family === 'gpt2' ? gpt2Logits : llamaLogits)(g, config, weight), 'logits');
  const ids = (name: string, places: string): ValueMessage => ({ name, type: 'int64', shape: ['batch', places] });
  const cache = (name: string, places: string): ValueMessage => ({
    name,
    type: 'float32',
    shape: ['batch', config.keyHeads, places, config.headSize],
  });
  const past = cacheNames(config);
  return g.bytes(
    'decoder',
    [
      ids(INPUTS.ids, 'new'),
      ids(INPUTS.mask, 'all'),
      ids(INPUTS.positions, 'new'),
      ...past.map((name) => cache(name, 'past')),
    ],
    [
      { name: 'logits', type: 'float32', shape: ['batch', 'new', config.vocabulary] },
      ...past.map((name) => cache(name.replace('past_key_values', 'present'), 'all')),
    ],
  );
}
