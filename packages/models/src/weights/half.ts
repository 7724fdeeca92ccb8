/** Numbers of 16 bits: IEEE half precision (f16), and the upper half of a 32-bit number (bf16). */

const SCRATCH = new DataView(new ArrayBuffer(4));

function valueOfHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halfValues: Float32Array | undefined;

/** The values of f16 bit patterns; a table of all 65,536 is made once. */
export function halvesToFloats(bits: Uint16Array, floats: Float32Array): void {
  const values = (halfValues ??= Float32Array.from({ length: 0x10000 }, (_, b) => valueOfHalf(b)));
  for (let i = 0; i < bits.length; i++) floats[i] = values[bits[i]];
}

export function bfloatsToFloats(bits: Uint16Array, floats: Float32Array): void {
  const words = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16;
}

/** The f16 nearest to `value`, of two equally near ones the even; beyond 65,519 infinite. */
export function floatToHalf(value: number): number {
  SCRATCH.setFloat32(0, value);
  const bits = SCRATCH.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size > 0x7f800000) return sign | 0x7e00;
  if (size >= 0x47800000) return sign | 0x7c00;
  if (size < 0x38800000) return sign | roundToEven(Math.abs(SCRATCH.getFloat32(0)) * 2 ** 24);
  // The exponent's bias falls from 127 to 15; what the 13 dropped bits add up to carries into the rest, up to infinity.
  return sign | ((size - (112 << 23) + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

function roundToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  return rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
}
