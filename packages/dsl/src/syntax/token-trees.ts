import type { IToken, TokenType } from 'chevrotain';
import { retag, tokenOf } from './lexer.ts';
import { MAX_NESTING, tooDeepMessage } from './limits.ts';
import { describe, describeNext } from './messages.ts';
import { endOf } from './reporter.ts';
import type { Extra, Reporter } from './reporter.ts';
import { isMisusedAsName, startsStatement, unclosedOpeners } from './statement-start.ts';
import { CLOSERS, OPENERS, endsValue, isName } from './token-kinds.ts';
import * as T from './tokens.ts';

/** A run of tokens that the grammar reads on its own. */
export interface Window {
  readonly items: readonly IToken[];
  /** What stands after the run: a closing bracket, the next statement, or nothing at the end of the file. */
  readonly end: IToken | undefined;
  /** Where it stands. */
  readonly endOffset: number;
  /** The run is cut short by an error that was reported already. */
  readonly broken: boolean;
}

/** The payload of `Parens`, `Brackets` and `Braces`. */
export interface Group extends Window {
  readonly open: IToken;
}

/** The payload of `Conditional`; the value of `else` follows as the operand of this prefix. */
export interface ConditionalParts {
  readonly condition: Window;
  readonly then: Window;
}

interface Frame {
  /** An opening bracket, `If` or `Then`. */
  readonly kind: TokenType;
  /** The bracket or the `if`. */
  readonly open: IToken;
  readonly items: IToken[];
  /** Of a `Then` frame. */
  readonly condition?: Window;
}

interface Reading {
  readonly text: string;
  readonly reporter: Reporter;
  readonly unclosed: ReadonlySet<IToken>;
  /** Open brackets and conditionals, outermost first. */
  readonly frames: Frame[];
  /** The brackets among them. */
  readonly brackets: IToken[];
  readonly openCount: Map<TokenType, number>;
  readonly statements: Window[];
  statement: IToken[];
  /** How often an end was missed in this statement: past a few, more messages say nothing new. */
  missed: number;
  hasBody: boolean;
  tooDeep: boolean;
}

const PAIRS: ReadonlyMap<TokenType, TokenType> = new Map([
  [T.OpenParen, T.CloseParen],
  [T.OpenBracket, T.CloseBracket],
  [T.OpenBrace, T.CloseBrace],
]);
const GROUPS: ReadonlyMap<TokenType, TokenType> = new Map([
  [T.OpenParen, T.Parens],
  [T.OpenBracket, T.Brackets],
  [T.OpenBrace, T.Braces],
]);

/**
 * Splits a file into statements and nests what brackets and conditionals enclose. Iterative, so no depth of nesting
 * can exhaust the stack; and an error inside one bracket stays inside it.
 */
export function readTrees(text: string, tokens: readonly IToken[], reporter: Reporter): readonly Window[] {
  const reading: Reading = {
    text,
    reporter,
    unclosed: unclosedOpeners(tokens),
    frames: [],
    brackets: [],
    openCount: new Map(),
    statements: [],
    statement: [],
    missed: 0,
    hasBody: false,
    tooDeep: false,
  };
  const stream = tokens.slice();
  for (let i = 0; i < stream.length; i++) {
    if (isMisusedAsName(text, stream, i)) stream[i] = readAsName(stream[i], reporter);
    else if (startsHere(reading, stream, i)) endStatement(reading, stream[i]);
    take(reading, stream[i]);
  }
  endStatement(reading, undefined);
  return reading.statements;
}

function readAsName(token: IToken, reporter: Reporter): IToken {
  reporter.errorAt('P002', token, `\`${token.image}\` is a reserved word and cannot be a name`, {
    help: `choose another name, such as \`${token.image}_\``,
  });
  return retag(token, T.Name);
}

function startsHere(reading: Reading, tokens: readonly IToken[], at: number): boolean {
  const bracket = reading.brackets.at(-1);
  return startsStatement(reading.text, tokens, at, {
    insideBrackets: bracket !== undefined,
    unclosed: bracket !== undefined && reading.unclosed.has(bracket),
    hasBody: reading.hasBody,
  });
}

/** Where tokens and finished groups go. */
const innermost = (reading: Reading): IToken[] => reading.frames.at(-1)?.items ?? reading.statement;

function take(reading: Reading, token: IToken): void {
  const type = token.tokenType;
  if (OPENERS.has(type) || type === T.If) return push(reading, type, token);
  if (CLOSERS.has(type)) return close(reading, token);
  const inside = reading.frames.at(-1);
  if (type === T.Then && inside?.kind === T.If) {
    pop(reading, inside);
    return push(reading, T.Then, inside.open, windowOf(inside, token, token.startOffset, false));
  }
  if (type === T.Else && (inside?.kind === T.Then || inside?.kind === T.If))
    return endConditional(reading, inside, token, true);
  if (type === T.Comma) endOpenConditionals(reading, token);
  innermost(reading).push(token);
  if (reading.frames.length === 0 && (type === T.Assign || type === T.Colon || type === T.In)) reading.hasBody = true;
}

function push(reading: Reading, kind: TokenType, open: IToken, condition?: Window): void {
  const { frames, openCount, brackets } = reading;
  if (frames.length >= MAX_NESTING && !reading.tooDeep) {
    reading.tooDeep = true;
    reading.reporter.errorAt('P004', open, tooDeepMessage);
  }
  frames.push({ kind, open, items: [], ...(condition && { condition }) });
  openCount.set(kind, (openCount.get(kind) ?? 0) + 1);
  if (OPENERS.has(kind)) brackets.push(open);
}

function pop(reading: Reading, frame: Frame): void {
  reading.frames.pop();
  reading.openCount.set(frame.kind, (reading.openCount.get(frame.kind) ?? 1) - 1);
  if (OPENERS.has(frame.kind)) reading.brackets.pop();
}

function windowOf(frame: Frame, end: IToken | undefined, endOffset: number, broken: boolean): Window {
  return { items: frame.items, end, endOffset, broken };
}

/** Hands a finished bracket to what encloses it, or a stand-in where it lies too deep. */
function addGroup(reading: Reading, frame: Frame, end: IToken | undefined, broken: boolean): void {
  pop(reading, frame);
  const until = broken || end === undefined ? endOf(frame.items.at(-1) ?? frame.open) : endOf(end);
  const group: Group = {
    ...windowOf(frame, end, end?.startOffset ?? reading.text.length, broken),
    open: frame.open,
  };
  const type = reading.frames.length >= MAX_NESTING ? T.Absent : (GROUPS.get(frame.kind) ?? T.Parens);
  innermost(reading).push(tokenOf(type, reading.text, frame.open.startOffset, until, group));
}

function close(reading: Reading, closer: IToken): void {
  endOpenConditionals(reading, closer);
  const { frames, openCount, reporter } = reading;
  const frame = frames.at(-1);
  if (frame === undefined) {
    reporter.errorAt('P002', closer, `unexpected \`${closer.image}\`: no bracket is open here`);
    if (!endsValue(reading.statement.at(-1))) reading.statement.push(retag(closer, T.Absent));
    return;
  }
  if (closes(reading, frame, closer)) return addGroup(reading, frame, closer, false);
  const wanted = [...PAIRS].find(([, c]) => c === closer.tokenType)?.[0];
  if (wanted !== undefined && (openCount.get(wanted) ?? 0) > 0) {
    for (let inner = frame; inner.kind !== wanted; inner = frames[frames.length - 1])
      endUnclosed(reading, inner, closer);
    return addGroup(reading, frames[frames.length - 1], closer, false);
  }
  reporter.errorAt('P002', closer, `expected ${PAIRS.get(frame.kind)?.LABEL}, found \`${closer.image}\``, {
    related: [{ start: frame.open.startOffset, end: endOf(frame.open), message: 'the bracket that is open here' }],
  });
  addGroup(reading, frame, closer, false);
}

/** `)` and `]` may close each other's bracket after `in`: a half-open range. */
function closes(reading: Reading, frame: Frame, closer: IToken): boolean {
  if (PAIRS.get(frame.kind) === closer.tokenType) return true;
  const isRange = reading.frames.length === 1 && reading.statement.at(-1)?.tokenType === T.In;
  return isRange && frame.kind !== T.OpenBrace && closer.tokenType !== T.CloseBrace;
}

/** Ends the innermost frame where `found` shows that its own end is missing. */
function endUnclosed(reading: Reading, frame: Frame, found: IToken | undefined): void {
  if (!OPENERS.has(frame.kind)) return endConditional(reading, frame, found, false);
  const { open } = frame;
  const closer = PAIRS.get(frame.kind)?.LABEL;
  const message = `\`${open.image}\` is never closed: expected ${closer}, found ${describeEnd(found)}`;
  reportMissing(reading, open, message);
  addGroup(reading, frame, found, true);
}

/** Only a closing bracket or the end of a statement shows that a bracket is unclosed. */
const describeEnd = (found: IToken | undefined): string =>
  found !== undefined && CLOSERS.has(found.tokenType) ? describe(found) : describeNext(found);

function endOpenConditionals(reading: Reading, found: IToken): void {
  for (let frame = reading.frames.at(-1); frame && !OPENERS.has(frame.kind); frame = reading.frames.at(-1)) {
    endConditional(reading, frame, found, false);
  }
}

/** `else` ends a conditional as it should; anything else is reported. */
function endConditional(reading: Reading, frame: Frame, found: IToken | undefined, byElse: boolean): void {
  pop(reading, frame);
  const { open, condition } = frame;
  if (!byElse || condition === undefined) reportIncomplete(reading, frame, found);
  const offset = found?.startOffset ?? reading.text.length;
  const absent = tokenOf(T.Absent, reading.text, offset, offset);
  const inner = windowOf(frame, found, offset, !byElse);
  const nothing: Window = { items: [absent], end: found, endOffset: offset, broken: true };
  const parts: ConditionalParts = condition ? { condition, then: inner } : { condition: inner, then: nothing };
  const until = byElse && found ? endOf(found) : endOf(frame.items.at(-1) ?? open);
  const enclosing = innermost(reading);
  if (reading.frames.length < MAX_NESTING) {
    enclosing.push(tokenOf(T.Conditional, reading.text, open.startOffset, until, parts));
  }
  if (!byElse) enclosing.push(tokenOf(T.Absent, reading.text, until, until));
}

function reportIncomplete(reading: Reading, { condition, open }: Frame, found: IToken | undefined): void {
  const missing = condition === undefined ? '`then`' : '`else`';
  const seen = isName(found) ? describeNext(found) : describe(found);
  reportMissing(reading, open, `this \`if\` has no ${missing}: expected ${missing}, found ${seen}`, {
    help: 'a conditional always has both branches: `if event then value else value`',
  });
}

const MAX_MISSED = 3;

function reportMissing(reading: Reading, at: IToken, message: string, extra: Extra = {}): void {
  if (reading.missed++ < MAX_MISSED) reading.reporter.errorAt('P002', at, message, extra);
}

function endStatement(reading: Reading, next: IToken | undefined): void {
  for (let frame = reading.frames.at(-1); frame; frame = reading.frames.at(-1)) endUnclosed(reading, frame, next);
  if (reading.statement.length > 0) {
    const endOffset = next?.startOffset ?? reading.text.length;
    reading.statements.push({ items: reading.statement, end: next, endOffset, broken: false });
  }
  reading.statement = [];
  reading.hasBody = false;
  reading.missed = 0;
  reading.tooDeep = false;
}
