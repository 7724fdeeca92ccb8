import type { Chooser } from '../port/index.ts';
import type { Parameter } from '../transformer/parameters.ts';
import { sizeOf } from '../tensor/index.ts';

/** Fresh weights, each array from its own stream of `chooser`: the same seed gives the same model whatever the order. */
export function initialise(parameters: readonly Parameter[], chooser: Chooser): Map<string, Float32Array> {
  return new Map(parameters.map((parameter) => [parameter.name, fresh(parameter, chooser.split(parameter.name))]));
}

function fresh({ shape, initial }: Parameter, chooser: Chooser): Float32Array {
  const size = sizeOf(shape);
  if (initial === 'ones') return new Float32Array(size).fill(1);
  if (initial === 'zeros') return new Float32Array(size);
  const { uniform } = chooser;
  if (uniform === undefined) throw new Error('fresh weights need random numbers');
  return Float32Array.from({ length: size }, () => initial * normal(uniform));
}

/** A standard normal number (Box & Muller 1958). */
function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
