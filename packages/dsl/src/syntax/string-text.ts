/** A backslash sequence that means nothing; offsets count from the start of the written string. */
export interface BadEscape {
  readonly start: number;
  readonly end: number;
  readonly message: string;
}

const SIMPLE: Readonly<Record<string, string>> = { n: '\n', t: '\t', '"': '"', '\\': '\\' };

/** The text that the body of a `"…"` string denotes. A bad escape is reported and stands for itself. */
export function unescape(body: string, bad: (escape: BadEscape) => void): string {
  if (!body.includes('\\')) return body;
  return body.replace(/\\(?:u\{([^}"]*)\}|u|[^]|$)/g, (written: string, hex: string | undefined, start: number) => {
    const simple = SIMPLE[written.slice(1)];
    if (simple !== undefined && hex === undefined) return simple;
    const value = hex === undefined ? undefined : codePoint(hex);
    if (value !== undefined) return value;
    bad({ start, end: start + written.length, message: complaint(written, hex) });
    return written;
  });
}

function codePoint(hex: string): string | undefined {
  if (!/^[0-9A-Fa-f]{1,6}$/.test(hex)) return undefined;
  const value = Number.parseInt(hex, 16);
  return value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff) ? undefined : String.fromCodePoint(value);
}

function complaint(written: string, hex: string | undefined): string {
  if (hex !== undefined)
    return `\`${written}\` is not a Unicode code point: expected 1 to 6 hexadecimal digits, not a surrogate`;
  if (written === '\\u') return 'expected `{` and a hexadecimal code point after `\\u`, as in `\\u{e9}`';
  return `\`${written}\` is not an escape of this language: expected \\n, \\t, \\", \\\\ or \\u{…}`;
}

/** `"…"` that reads as `text`. */
export function quote(text: string): string {
  const body = text.replace(/["\\\n\t\p{Cc}\p{Cs}\u2028\u2029]/gu, (c) => {
    const short = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\t': '\\t' }[c];
    return short ?? `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`;
  });
  return `"${body}"`;
}
