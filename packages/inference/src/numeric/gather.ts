/** `out[i] = values[ancestors[i]]`, by plain loops: `from` with a function is many times slower. */
export function gatherFloats(values: Float64Array, ancestors: Int32Array): Float64Array<ArrayBuffer> {
  const out = new Float64Array(ancestors.length);
  for (let i = 0; i < out.length; i++) out[i] = values[ancestors[i]];
  return out;
}

/** The same for whole numbers. */
export function gatherIntegers(values: Int32Array, ancestors: Int32Array): Int32Array<ArrayBuffer> {
  const out = new Int32Array(ancestors.length);
  for (let i = 0; i < out.length; i++) out[i] = values[ancestors[i]];
  return out;
}

/** The same for bytes. */
export function gatherBytes(values: Uint8Array, ancestors: Int32Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(ancestors.length);
  for (let i = 0; i < out.length; i++) out[i] = values[ancestors[i]];
  return out;
}
