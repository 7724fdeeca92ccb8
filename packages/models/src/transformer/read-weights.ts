import { fail } from '@postulate/graph';
import { showShape } from '../tensor/shape.ts';
import type { Weights } from '../weights/index.ts';
import type { Parameter } from './parameters.ts';

/** Families name their arrays with and without the name of the part that holds them. */
const PREFIXES = ['transformer.', 'model.'];

/**
 * The arrays of a model, by the names that its programs use. P511 for one that is missing or has another shape, P510 for one with
 * numbers that are not finite.
 */
export async function readWeights(
  stored: Weights,
  parameters: readonly Parameter[],
  source: string,
): Promise<ReadonlyMap<string, Float32Array>> {
  const weights = new Map<string, Float32Array>();
  for (const { name, shape } of parameters) {
    const as = spellings(name).find((spelling) => stored.tensors.has(spelling));
    if (as === undefined) {
      throw fail('P511', `the weights of "${source}" lack ${name}, which its config.json asks for.`, {
        kind: 'outside',
      });
    }
    const found = stored.tensors.get(as)!.shape;
    if (found.length !== shape.length || found.some((d, i) => d !== shape[i])) {
      throw fail(
        'P511',
        `${as} of "${source}" has the shape ${showShape(found)}, but its config.json asks for ${showShape(shape)}.`,
        { kind: 'outside' },
      );
    }
    const data = await stored.read(as);
    const wrong = data.findIndex((x) => !Number.isFinite(x));
    if (wrong !== -1) {
      throw fail('P510', `${as} of "${source}" is damaged: its number ${wrong} is ${data[wrong]}.`, {
        kind: 'outside',
      });
    }
    weights.set(name, data);
  }
  return weights;
}

function spellings(name: string): readonly string[] {
  const prefix = PREFIXES.find((p) => name.startsWith(p));
  return prefix === undefined ? [name] : [name, name.slice(prefix.length)];
}
