/** Four 32-bit words: the key of a random stream. */
export type Key = readonly [number, number, number, number];

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

/** The 32-bit finaliser of MurmurHash3 (Appleby, public domain): every input bit reaches every output bit. */
function avalanche(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/**
 * Key of the stream `label` below `parent`: four lanes that absorb UTF-16 code units and are mixed into each other.
 * Numbers and strings that print alike are different labels.
 */
export function deriveKey(parent: Key, label: string | number): Key {
  const text = typeof label === 'number' ? `#${label}` : `$${label}`;
  let a = parent[0];
  let b = parent[1];
  let c = parent[2];
  let d = parent[3];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(rotl(a ^ Math.imul(unit, 0x239b961b), 15), 0xab0e9789) + b;
    b = Math.imul(rotl(b ^ a, 17), 0x38b34ae5) + c;
    c = Math.imul(rotl(c ^ b, 19), 0xa1e38b93) + d;
    d = Math.imul(rotl(d ^ c, 13), 0x561ccd1b) + i + 1;
  }
  d ^= text.length;
  for (let round = 0; round < 2; round++) {
    a = avalanche((a + d + 0x9e3779b9) | 0);
    b = avalanche((b + a) | 0);
    c = avalanche((c + b) | 0);
    d = avalanche((d + c) | 0);
  }
  return [(a + d) | 0, b, c, d];
}
