import { createToken, Lexer } from 'chevrotain';
import type { IToken, ITokenConfig, TokenType } from 'chevrotain';

/**
 * The words of the language. Categories are what the grammar asks for: an `Infix` joins two operands, a `Prefix`
 * opens one, an `Atom` is one. Brackets and conditionals reach the grammar as single group tokens (`token-trees.ts`).
 */
/** For patterns that Chevrotain's own analysis of first characters cannot read. */
function scanned(pattern: RegExp, first: string): Pick<ITokenConfig, 'pattern' | 'start_chars_hint' | 'line_breaks'> {
  const match = (text: string, offset: number): RegExpExecArray | null => {
    pattern.lastIndex = offset;
    return pattern.exec(text);
  };
  return { pattern: match, start_chars_hint: [...first], line_breaks: false };
}

/** A loop, since a regular expression runs out of stack on millions of escapes. */
function closedString(text: string, offset: number): [string] | null {
  if (text[offset] !== '"') return null;
  for (let i = offset + 1; i < text.length; i++) {
    const character = text[i];
    if (character === '"') return [text.slice(offset, i + 1)];
    if (character === '\\') i++;
    if (text[i] === '\n' || text[i] === '\r') return null;
  }
  return null;
}

const category = (name: string, label: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, label, pattern: Lexer.NA, categories });

export const Atom = category('Atom', 'a value');
export const Key = category('Key', 'a key (a name or a string)');
export const Infix = category('Infix', 'an operator');
export const Prefix = category('Prefix', 'a value');
/** Either way to write a text. */
export const Text = category('Text', 'a string', [Atom, Key]);

export const Name = createToken({
  name: 'Name',
  label: 'a name',
  pattern: /[A-Za-z_][A-Za-z0-9_]*/,
  categories: [Atom, Key],
});

const keywords = new Map<string, TokenType>();
const keyword = (word: string, categories: TokenType[] = []): TokenType => {
  const type = createToken({
    name: `Keyword_${word}`,
    label: `\`${word}\``,
    pattern: new RegExp(word),
    longer_alt: Name,
    categories,
  });
  keywords.set(word, type);
  return type;
};

export const Import = keyword('import');
export const Extern = keyword('extern');
export const Param = keyword('param');
export const Context = keyword('context');
export const Property = keyword('property');
export const Forall = keyword('forall');
export const In = keyword('in');
export const Subject = keyword('subject');
export const If = keyword('if');
export const Then = keyword('then');
export const Else = keyword('else');
export const And = keyword('and', [Infix]);
export const Or = keyword('or', [Infix]);
export const Not = keyword('not', [Prefix]);
export const Implies = keyword('implies', [Infix]);
export const True = keyword('true', [Atom]);
export const False = keyword('false', [Atom]);
export const Inf = keyword('inf', [Atom]);
/** Words that may not be used as names. */
export const RESERVED: ReadonlySet<TokenType> = new Set(keywords.values());

/** Special only where the grammar expects them; names everywhere else. */
export const From = keyword('from', [Name]);
export const As = keyword('as', [Name]);
export const To = keyword('to', [Name]);
export const Score = keyword('score', [Name]);
export const Event = keyword('event', [Name]);

const punctuation = (name: string, text: string, categories: TokenType[] = []): TokenType =>
  createToken({ name, label: `\`${text}\``, pattern: text, categories });

export const NotEqual = punctuation('NotEqual', '!=', [Infix]);
export const Equal = punctuation('Equal', '==', [Infix]);
export const LessEqual = punctuation('LessEqual', '<=', [Infix]);
export const GreaterEqual = punctuation('GreaterEqual', '>=', [Infix]);
export const Less = punctuation('Less', '<', [Infix]);
export const Greater = punctuation('Greater', '>', [Infix]);
export const Assign = punctuation('Assign', '=');
export const Plus = punctuation('Plus', '+', [Infix]);
export const Minus = punctuation('Minus', '-', [Infix, Prefix]);
export const Times = punctuation('Times', '*', [Infix]);
export const Divide = punctuation('Divide', '/', [Infix]);
export const Power = punctuation('Power', '^', [Infix]);
export const Bar = punctuation('Bar', '|', [Infix]);
export const Colon = punctuation('Colon', ':');
export const Comma = punctuation('Comma', ',');
export const OpenParen = punctuation('OpenParen', '(');
export const CloseParen = punctuation('CloseParen', ')');
export const OpenBracket = punctuation('OpenBracket', '[');
export const CloseBracket = punctuation('CloseBracket', ']');
export const OpenBrace = punctuation('OpenBrace', '{');
export const CloseBrace = punctuation('CloseBrace', '}');

/** Anything that begins like a number; its shape is judged after lexing, so that `1.` and `1e` get a message of their own. */
export const NumberLike = createToken({
  name: 'Number',
  label: 'a number',
  ...scanned(/\.?[0-9][0-9A-Za-z_.]*(?:(?<=[eE])[+-][0-9A-Za-z_.]*)?/y, '.0123456789'),
  categories: [Atom],
});
export const StringText = createToken({
  name: 'String',
  label: 'a string',
  pattern: closedString,
  start_chars_hint: ['"'],
  line_breaks: false,
  categories: [Text],
});
export const RawText = createToken({
  name: 'RawString',
  label: 'a string',
  pattern: /r"[^"\n\r]*"/,
  categories: [Text],
});
/** A quote that its line does not close. */
export const OpenText = createToken({
  name: 'UnterminatedString',
  label: 'a string',
  ...scanned(/r?"[^\n\r]*/y, 'r"'),
  categories: [Text],
});
export const QuotedText = createToken({
  name: 'SingleQuotedString',
  label: 'a string',
  pattern: /'[^'\n\r]*'/,
  categories: [Text],
});

export const DocComment = createToken({ name: 'DocComment', pattern: /\/\/\/(?!\/)[^\n\r]*/, group: 'comments' });
export const LineComment = createToken({ name: 'LineComment', pattern: /\/\/[^\n\r]*/, group: 'comments' });
export const BlockComment = createToken({
  name: 'BlockComment',
  pattern: /\/\*[^]*?\*\//,
  line_breaks: true,
  group: 'comments',
});
export const OpenComment = createToken({
  name: 'UnterminatedComment',
  pattern: /\/\*[^]*/,
  line_breaks: true,
  group: 'comments',
});
export const WhiteSpace = createToken({
  name: 'WhiteSpace',
  pattern: /[ \t\r\n\f\v\uFEFF\u00A0]+/,
  line_breaks: true,
  group: Lexer.SKIPPED,
});

/** Spellings of other languages; each is reported, then read as what was meant. */
export const Slip = createToken({ name: 'Slip', pattern: /&&?|\|\||===|!==|=>|=<|->|\*\*|\^\^|!(?!=)|;|%/ });
/** Characters that belong to no word, and names with letters outside A–Z. */
export const Unknown = category('Unknown', 'a character', [Atom]);

/** What the reader of token trees builds: a bracketed group or `if … then … else` as one token. */
export const Parens = category('Parens', '`(`', [Atom]);
export const Brackets = category('Brackets', '`[`', [Atom]);
export const Braces = category('Braces', '`{`', [Atom]);
export const Conditional = category('Conditional', '`if`', [Prefix]);
/** Stands for an operand whose absence was reported already. */
export const Absent = category('Absent', 'a value', [Atom]);

/** In order of attempt. */
export const LEXER_TOKENS: TokenType[] = [
  WhiteSpace,
  DocComment,
  LineComment,
  BlockComment,
  OpenComment,
  RawText,
  StringText,
  OpenText,
  QuotedText,
  NumberLike,
  // The longest first: `inf` before `in`.
  ...[...keywords.values()].sort((a, b) => (b.LABEL?.length ?? 0) - (a.LABEL?.length ?? 0)),
  Name,
  Slip,
  NotEqual,
  Equal,
  LessEqual,
  GreaterEqual,
  Less,
  Greater,
  Assign,
  Plus,
  Minus,
  Times,
  Divide,
  Power,
  Bar,
  Colon,
  Comma,
  OpenParen,
  CloseParen,
  OpenBracket,
  CloseBracket,
  OpenBrace,
  CloseBrace,
];

export const ALL_TOKENS: TokenType[] = [
  ...LEXER_TOKENS,
  Atom,
  Key,
  Infix,
  Prefix,
  Text,
  Unknown,
  Parens,
  Brackets,
  Braces,
  Conditional,
  Absent,
];

const INFIX: ReadonlySet<TokenType> = new Set(ALL_TOKENS.filter((t) => t.CATEGORIES?.includes(Infix)));

export function isInfix(token: IToken): boolean {
  return INFIX.has(token.tokenType);
}
