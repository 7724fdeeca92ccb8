import { charSet, complementSet, unionSets, type CharSet } from '../char-set.ts';
import { character, DOT, readEscape, type Piece } from './escapes.ts';
import { accept, atEnd, badPattern, readerOf, sees, type Reader } from './reader.ts';
import type { Regex } from './syntax.ts';

const DEEPEST = 200;
const MOST_REPEATS = 1000;

/**
 * Parses a regular expression of the language: literals, `.`, classes, `\d \w \s \p{…}` and escapes, groups,
 * `| * + ? {m,n}`, `^` and `$` at the ends of alternatives. Throws P304 with the piece, its place and what to write.
 */
export function parseRegex(pattern: string): Regex {
  const reader = readerOf(pattern);
  const regex = readEither(reader, 0);
  if (!atEnd(reader)) {
    throw badPattern(
      reader,
      reader.at,
      'this parenthesis closes nothing',
      'write `\\)` for a parenthesis in the text.',
    );
  }
  return regex;
}

function readEither(reader: Reader, depth: number): Regex {
  if (depth > DEEPEST) {
    throw badPattern(reader, reader.at, `groups are nested deeper than ${DEEPEST}`, 'write a flatter pattern.');
  }
  const options = [readSequence(reader, depth)];
  while (accept(reader, '|')) options.push(readSequence(reader, depth));
  return options.length === 1 ? options[0] : { kind: 'either', options };
}

function readSequence(reader: Reader, depth: number): Regex {
  const items: Regex[] = [];
  while (!atEnd(reader) && !sees(reader, '|') && !sees(reader, ')')) {
    const start = reader.at;
    const item = readAtom(reader, depth);
    if (items.at(-1)?.kind === 'end') throw misplaced(reader, start - 1, '$', 'end');
    if (item.kind === 'start' && items.length > 0) throw misplaced(reader, start, '^', 'start');
    items.push(item.kind === 'start' || item.kind === 'end' ? unrepeated(reader, item) : readRepeats(reader, item));
  }
  return items.length === 1 ? items[0] : { kind: 'sequence', items };
}

function misplaced(reader: Reader, at: number, sign: string, end: string) {
  reader.at = at + 1;
  const help = `write \`\\${sign}\` for the character, or move the anchor to the ${end} of the alternative.`;
  return badPattern(reader, at, `it can stand only at the ${end} of a pattern or alternative`, help);
}

function unrepeated(reader: Reader, item: Regex): Regex {
  if (/^[*+?{]$/.test(reader.chars[reader.at] ?? '')) {
    const start = reader.at++;
    throw badPattern(reader, start, 'an anchor cannot be repeated', 'drop the quantifier.');
  }
  return item;
}

function readAtom(reader: Reader, depth: number): Regex {
  const start = reader.at;
  const char = reader.chars[reader.at++];
  switch (char) {
    case '(':
      return readGroup(reader, start, depth);
    case '[':
      return readClass(reader, start);
    case '.':
      return setOf(DOT);
    case '^':
      return { kind: 'start' };
    case '$':
      return { kind: 'end' };
    case '\\':
      return setOf(readEscape(reader));
    case '*':
    case '+':
    case '?':
      throw badPattern(reader, start, 'there is nothing to repeat', `write \`\\${char}\` for the character itself.`);
    case '{':
    case '}':
    case ']':
      throw badPattern(
        reader,
        start,
        'it opens or closes nothing here',
        `write \`\\${char}\` for the character itself.`,
      );
    default:
      return setOf(character(char.codePointAt(0) ?? 0));
  }
}

function setOf(piece: Piece): Regex {
  return { kind: 'set', set: piece.set, js: piece.js };
}

function readGroup(reader: Reader, start: number, depth: number): Regex {
  if (accept(reader, '?') && !accept(reader, ':')) throw refuseGroup(reader, start);
  const inner = readEither(reader, depth + 1);
  if (!accept(reader, ')')) {
    reader.at = start + 1;
    throw badPattern(
      reader,
      start,
      'the group is not closed',
      'add `)`, or write `\\(` for a parenthesis in the text.',
    );
  }
  // An anchor alone in a group is no anchor of the sequence around it.
  return inner.kind === 'start' || inner.kind === 'end' ? { kind: 'sequence', items: [inner] } : inner;
}

function refuseGroup(reader: Reader, start: number) {
  for (const mark of ['=', '!', '<=', '<!']) {
    if (!accept(reader, mark)) continue;
    const help = 'combine events with `and`, `or` and `not`, as in `finds(r"a") and not finds(r"ab")`.';
    return badPattern(reader, start, 'look-around is not supported', help);
  }
  reader.at++;
  return badPattern(
    reader,
    start,
    'named groups and inline flags are not supported',
    'write `( )` or `(?: )`; nothing is captured.',
  );
}

function readRepeats(reader: Reader, of: Regex): Regex {
  const start = reader.at;
  const bounds = readBounds(reader, start);
  if (bounds === undefined) return of;
  const [min, max] = bounds;
  const next = reader.at;
  if (accept(reader, '?')) {
    const problem = 'lazy quantifiers are not supported, nor needed: an event only says whether there is a match';
    throw badPattern(reader, start, problem, 'drop the `?`.');
  }
  if (accept(reader, '+') || accept(reader, '*') || sees(reader, '{')) {
    reader.at = Math.max(reader.at, next + 1);
    throw badPattern(reader, start, 'two quantifiers in a row', 'put the first one into a group, as in `(a+)*`.');
  }
  return { kind: 'repeat', of, min, max };
}

function readBounds(reader: Reader, start: number): readonly [number, number] | undefined {
  if (accept(reader, '*')) return [0, Infinity];
  if (accept(reader, '+')) return [1, Infinity];
  if (accept(reader, '?')) return [0, 1];
  if (!sees(reader, '{')) return undefined;
  const match = /^\{(\d+)(,(\d*))?\}/.exec(reader.chars.slice(reader.at, reader.at + 24).join(''));
  if (match === null) {
    reader.at++;
    throw badPattern(reader, start, 'it is no count', 'write {2}, {2,} or {2,5}, or `\\{` for a brace in the text.');
  }
  reader.at += match[0].length;
  const min = Number(match[1]);
  const max = match[2] === undefined ? min : match[3] === '' ? Infinity : Number(match[3]);
  if (max < min) throw badPattern(reader, start, 'the bounds are in the wrong order', `write {${max},${min}}.`);
  if (min > MOST_REPEATS || (max !== Infinity && max > MOST_REPEATS)) {
    throw badPattern(reader, start, `at most ${MOST_REPEATS} repeats are supported`, 'compare `chars` with a number.');
  }
  return [min, max];
}

function readClass(reader: Reader, start: number): Regex {
  const negated = accept(reader, '^');
  const sets: CharSet[] = [];
  const js: string[] = [];
  while (!sees(reader, ']')) {
    if (atEnd(reader)) {
      reader.at = start + 1;
      throw badPattern(reader, start, 'the class is not closed', 'add `]`, or write `\\[` for a bracket in the text.');
    }
    const from = reader.at;
    const low = readMember(reader);
    const ranged = sees(reader, '-') && reader.chars[reader.at + 1] !== ']' && reader.at + 1 < reader.chars.length;
    if (ranged) reader.at++;
    const piece = ranged ? rangePiece(reader, from, low, readMember(reader)) : low;
    sets.push(piece.set);
    js.push(piece.js);
  }
  reader.at++;
  if (sets.length === 0) {
    throw badPattern(
      reader,
      start,
      'the class is empty',
      'write `\\[\\]` for brackets, or `[\\s\\S]` for any character.',
    );
  }
  const set = unionSets(...sets);
  // Alternatives rather than one JavaScript class: pieces may be negated classes of their own.
  if (!negated) return { kind: 'set', set, js: `(?:${js.join('|')})` };
  return { kind: 'set', set: complementSet(set), js: `(?:(?!${js.join('|')})[^])` };
}

function readMember(reader: Reader): Piece {
  const start = reader.at;
  const char = reader.chars[reader.at++];
  if (char !== '\\') return character(char.codePointAt(0) ?? 0);
  if (sees(reader, 'b')) {
    reader.at++;
    throw badPattern(reader, start, 'a backspace is written otherwise', 'write `\\x08`.');
  }
  return readEscape(reader);
}

function rangePiece(reader: Reader, start: number, low: Piece, high: Piece): Piece {
  if (low.single === undefined || high.single === undefined) {
    throw badPattern(reader, start, 'a set cannot bound a range', 'put the hyphen first or last, or write `\\-`.');
  }
  if (low.single > high.single) {
    throw badPattern(reader, start, 'the bounds are in the wrong order', 'write the smaller character first.');
  }
  return { set: charSet([[low.single, high.single]]), js: `[${low.js}-${high.js}]`, single: undefined };
}
