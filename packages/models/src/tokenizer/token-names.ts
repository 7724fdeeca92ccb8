const STRICT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Names to show tokens by, no two alike: the text that the bytes are, or `<0xE2><0x82>` where they are none, or `<unused-7>` for token 7
 * of no bytes. A token that would be called as an earlier one has its number behind the name.
 */
export function tokenNames(bytes: readonly Uint8Array[]): readonly string[] {
  const taken = new Set<string>();
  return bytes.map((token, id) => {
    let name = token.length === 0 ? `<unused-${id}>` : nameOf(token);
    while (taken.has(name)) name += `#${id}`;
    taken.add(name);
    return name;
  });
}

function nameOf(token: Uint8Array): string {
  try {
    return STRICT.decode(token);
  } catch {
    return Array.from(token, (byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`).join('');
  }
}
