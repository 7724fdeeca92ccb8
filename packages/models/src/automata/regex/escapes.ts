import { MAX_CODE_POINT, charSet, charSetOf, complementSet, type CharSet } from '../char-set.ts';
import { propertySet } from '../unicode.ts';
import { accept, atEnd, badPattern, sees, type Reader } from './reader.ts';

/** A piece of a class: a single character, or a set that cannot bound a range. */
export interface Piece {
  readonly set: CharSet;
  readonly js: string;
  readonly single: number | undefined;
}

const DIGITS = charSet([[0x30, 0x39]]);
const WORD = charSet([
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
const SPACES = charSet([
  [0x09, 0x0d],
  [0x20, 0x20],
]);
/** The line breaks that `.` leaves out. */
const LINE_BREAKS = charSetOf([0x0a, 0x0d, 0x2028, 0x2029]);
export const DOT: Piece = { set: complementSet(LINE_BREAKS), js: '[^\\n\\r\\u2028\\u2029]', single: undefined };

const SHORTHANDS: Readonly<Record<string, readonly [set: CharSet, js: string]>> = {
  d: [DIGITS, '0-9'],
  w: [WORD, 'A-Za-z0-9_'],
  s: [SPACES, ' \\t\\n\\v\\f\\r'],
};
const CONTROLS: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d };
const PUNCTUATION = /^[!-/:-@[-`{-~]$/;

export function character(codePoint: number): Piece {
  return { set: charSetOf([codePoint]), js: `\\u{${codePoint.toString(16)}}`, single: codePoint };
}

/** Reads what follows a backslash that has just been read. */
export function readEscape(reader: Reader): Piece {
  const start = reader.at - 1;
  if (atEnd(reader)) {
    throw badPattern(reader, start, 'nothing follows the backslash', 'write `\\\\` for a backslash.');
  }
  const letter = reader.chars[reader.at++];
  const control = CONTROLS[letter];
  if (control !== undefined) return character(control);
  const shorthand = SHORTHANDS[letter.toLowerCase()];
  if (shorthand !== undefined) return fromShorthand(shorthand, letter);
  if (letter === 'p' || letter === 'P') return readProperty(reader, start, letter === 'P');
  if (letter === 'x') return readHex(reader, start, 2);
  if (letter === 'u') return readUnicode(reader, start);
  if (letter === '0' && !/^\d$/.test(reader.chars[reader.at] ?? '')) return character(0);
  if (PUNCTUATION.test(letter)) return character(letter.charCodeAt(0));
  throw refuseEscape(reader, start, letter);
}

function fromShorthand([set, js]: readonly [CharSet, string], letter: string): Piece {
  const negated = letter !== letter.toLowerCase();
  return negated
    ? { set: complementSet(set), js: `[^${js}]`, single: undefined }
    : { set, js: `[${js}]`, single: undefined };
}

function refuseEscape(reader: Reader, start: number, letter: string) {
  if (letter === 'b' || letter === 'B') {
    return badPattern(
      reader,
      start,
      'word boundaries are not supported',
      'use `contains("…", whole_word = true)`, or spell out what may stand beside the word, as in `(^|\\W)word(\\W|$)`.',
    );
  }
  if (/^[1-9k]$/.test(letter)) {
    return badPattern(
      reader,
      start,
      'back-references are not supported, for no finite automaton can follow them',
      'spell out the alternatives, as in `(aa|bb)` for `(a|b)\\1`.',
    );
  }
  return badPattern(
    reader,
    start,
    'unknown escape',
    `write \`${letter}\` for the character itself; the escapes are \\d \\w \\s \\p{…} \\t \\n \\v \\f \\r \\xHH \\u{…} and a backslash before punctuation.`,
  );
}

function readProperty(reader: Reader, start: number, negated: boolean): Piece {
  const help = 'write a general category, a script or a binary property: \\p{L}, \\p{Script=Greek}, \\p{White_Space}.';
  if (!accept(reader, '{')) throw badPattern(reader, start, 'a property in braces is missing', help);
  let name = '';
  while (!atEnd(reader) && !sees(reader, '}')) name += reader.chars[reader.at++];
  if (!accept(reader, '}')) throw badPattern(reader, start, 'the brace is not closed', help);
  if (!/^\w+(=\w+)?$/.test(name)) throw badPattern(reader, start, 'malformed property', help);
  let set: CharSet;
  try {
    set = propertySet(name);
  } catch {
    throw badPattern(reader, start, 'unknown Unicode property', help);
  }
  const js = `\\${negated ? 'P' : 'p'}{${name}}`;
  return { set: negated ? complementSet(set) : set, js, single: undefined };
}

function readHex(reader: Reader, start: number, digits: number): Piece {
  const text = reader.chars.slice(reader.at, reader.at + digits).join('');
  if (!/^[0-9a-fA-F]+$/.test(text) || text.length !== digits) {
    throw badPattern(
      reader,
      start,
      `${digits} hexadecimal digits were expected`,
      'write \\x41, \\u0041 or \\u{1F600}.',
    );
  }
  reader.at += digits;
  return character(parseInt(text, 16));
}

function readUnicode(reader: Reader, start: number): Piece {
  if (!accept(reader, '{')) return readSurrogates(reader, start);
  let text = '';
  while (!atEnd(reader) && !sees(reader, '}')) text += reader.chars[reader.at++];
  const value = /^[0-9a-fA-F]{1,8}$/.test(text) ? parseInt(text, 16) : NaN;
  if (!accept(reader, '}') || !(value <= MAX_CODE_POINT)) {
    throw badPattern(reader, start, 'a code point from 0 to 10FFFF in braces was expected', 'write \\u{1F600}.');
  }
  return character(value);
}

/** `\uD83D\uDE00` is one character, as everywhere else. */
function readSurrogates(reader: Reader, start: number): Piece {
  const high = readHex(reader, start, 4);
  if (high.single === undefined || high.single < 0xd800 || high.single > 0xdbff || !sees(reader, '\\u')) return high;
  const mark = reader.at;
  const digits = reader.chars.slice(mark + 2, mark + 6).join('');
  const low = /^[dD][c-fC-F][0-9a-fA-F]{2}$/.test(digits) ? parseInt(digits, 16) : undefined;
  if (low === undefined) return high;
  reader.at = mark + 6;
  return character((high.single - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000);
}
