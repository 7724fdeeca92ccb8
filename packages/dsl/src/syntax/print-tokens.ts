import type { Parsed } from './parse.ts';

/** One token a line: its offsets, kind and text. For people who look into the compiler. */
export function printTokens(parsed: Parsed): string {
  const lines = parsed.tokens.map(({ kind, text, span }) => {
    const place = `${span.start}-${span.end}`;
    return `${place.padEnd(12)} ${kind.padEnd(12)} ${JSON.stringify(text)}`;
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
