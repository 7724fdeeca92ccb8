/**
 * The alphabet that byte-level BPE spells bytes with, so that a vocabulary file holds printable text only: a byte that is a visible
 * Latin-1 character stands for itself, the others are U+0100, U+0101, … in the order of their values (Radford et al. 2019).
 */
function spellings(): readonly string[] {
  const visible = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let hidden = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(visible(byte) ? byte : 0x100 + hidden++));
}

/** The character that stands for each byte. */
export const BYTE_SPELLINGS: readonly string[] = spellings();

const BYTE_OF: ReadonlyMap<string, number> = new Map(BYTE_SPELLINGS.map((char, byte) => [char, byte]));

/** The bytes that a token is spelled for; `undefined` where a character of it is not in the alphabet. */
export function spelledBytes(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF.get(token[i]);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/** Ids of the 256 bytes where a vocabulary begins with the alphabet in code point order, as trained files do. */
export const BYTES_IN_ORDER: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte).sort((a, b) =>
  BYTE_SPELLINGS[a] < BYTE_SPELLINGS[b] ? -1 : 1,
);
