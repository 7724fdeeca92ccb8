import { fail, type PostError } from '@postulate/graph';

/** A pattern being read, by code points. */
export interface Reader {
  readonly pattern: string;
  readonly chars: readonly string[];
  at: number;
}

export function readerOf(pattern: string): Reader {
  return { pattern, chars: Array.from(pattern), at: 0 };
}

export function atEnd(reader: Reader): boolean {
  return reader.at >= reader.chars.length;
}

/** Characters of a long pattern shown before and behind a bad place. */
const SHOWN = 40;

/** The rest of the pattern begins with `text`. */
export function sees(reader: Reader, text: string): boolean {
  return Array.from(text).every((c, i) => reader.chars[reader.at + i] === c);
}

export function accept(reader: Reader, text: string): boolean {
  if (atEnd(reader) || !sees(reader, text)) return false;
  reader.at += Array.from(text).length;
  return true;
}

/** Error P304: what stands at characters `start … reader.at` of the pattern, what is wrong with it, what to write instead. */
export function badPattern(reader: Reader, start: number, problem: string, help: string): PostError {
  const end = Math.max(reader.at, start + 1);
  const piece = reader.chars.slice(start, end).join('');
  const found = piece === '' ? 'the pattern ends' : `\`${piece}\``;
  return fail(
    'P304',
    `bad regular expression r"${excerpt(reader, start)}": ${found} at character ${start + 1}: ${problem}`,
    {
      help,
    },
  );
}

/** The pattern, or what lies about the bad place of a long one. */
function excerpt({ chars }: Reader, start: number): string {
  if (chars.length <= 2 * SHOWN) return chars.join('');
  const from = Math.max(0, start - SHOWN);
  const middle = chars.slice(from, start + SHOWN).join('');
  return `${from > 0 ? '…' : ''}${middle}${start + SHOWN < chars.length ? '…' : ''}`;
}
