import type { IToken, TokenType } from 'chevrotain';
import { isWord, retag } from './lexer.ts';
import type { Extra, Reporter } from './reporter.ts';
import { shorten } from './shorten.ts';
import { unescape } from './string-text.ts';
import * as T from './tokens.ts';

interface Meant {
  readonly write: string;
  readonly as: TokenType;
}

const SLIPS: Readonly<Record<string, Meant>> = {
  '&&': { write: 'and', as: T.And },
  '&': { write: 'and', as: T.And },
  '||': { write: 'or', as: T.Or },
  '!': { write: 'not', as: T.Not },
  '===': { write: '==', as: T.Equal },
  '!==': { write: '!=', as: T.NotEqual },
  '=>': { write: '>=', as: T.GreaterEqual },
  '=<': { write: '<=', as: T.LessEqual },
  '->': { write: 'implies', as: T.Implies },
  '**': { write: '^', as: T.Power },
  '^^': { write: '^', as: T.Power },
};

/**
 * Reports what is wrong with single tokens and hands on a stream in which each stands for what was meant, so that the
 * grammar does not complain of the same place again.
 */
export function judgeTokens(tokens: readonly IToken[], reporter: Reporter): IToken[] {
  const judged: IToken[] = [];
  const ownNames = namesAmongConstants(tokens);
  for (const token of tokens) {
    const isConstant =
      token.tokenType === T.Name && Object.hasOwn(CONSTANTS, token.image) && !ownNames.has(token.image);
    const fair = isConstant ? judgeConstant(token, reporter) : judge(token, reporter);
    if (fair !== undefined) judged.push(fair);
  }
  return judged;
}

/** The constants as Python and SQL spell them. */
const CONSTANTS: Readonly<Record<string, Meant>> = {
  True: { write: 'true', as: T.True },
  TRUE: { write: 'true', as: T.True },
  False: { write: 'false', as: T.False },
  FALSE: { write: 'false', as: T.False },
};

/** Those of them that the file itself uses as names: followed by `=`, or introduced by a list of names. */
function namesAmongConstants(tokens: readonly IToken[]): ReadonlySet<string> {
  const names = new Set<string>();
  tokens.forEach((token, i) => {
    if (token.tokenType !== T.Name || !Object.hasOwn(CONSTANTS, token.image)) return;
    const introduced = INTRODUCES.has(tokens[i - 1]?.tokenType);
    if (introduced || tokens[i + 1]?.tokenType === T.Assign) names.add(token.image);
  });
  return names;
}

const INTRODUCES: ReadonlySet<TokenType | undefined> = new Set([
  T.As,
  T.OpenBrace,
  T.Context,
  T.Forall,
  T.Score,
  T.Event,
]);

function judgeConstant(token: IToken, reporter: Reporter): IToken {
  const { write, as } = CONSTANTS[token.image];
  reporter.errorAt('P002', token, `\`${token.image}\` is written \`${write}\``, {
    fix: { title: `write \`${write}\``, newText: write },
  });
  return retag(token, as);
}

/** Comments can only be wrong by never ending. */
export function judgeComments(comments: readonly IToken[], reporter: Reporter): void {
  const open = comments.find((c) => c.tokenType === T.OpenComment);
  if (open === undefined) return;
  reporter.error(
    'P003',
    open.startOffset,
    open.startOffset + 2,
    'this comment is never closed: expected `*/`, found the end of the file',
  );
}

function judge(token: IToken, reporter: Reporter): IToken | undefined {
  switch (token.tokenType) {
    case T.NumberLike:
      return judgeNumber(token, reporter);
    case T.StringText:
      return judgeString(token, token.image.slice(1, -1), reporter);
    case T.RawText:
      return { ...token, payload: token.image.slice(2, -1) };
    case T.OpenText:
      return judgeOpenText(token, reporter);
    case T.QuotedText:
      return judgeQuotedText(token, reporter);
    case T.Slip:
      return judgeSlip(token, reporter);
    case T.Unknown:
      judgeUnknown(token, reporter);
      return token;
    default:
      return token;
  }
}

const WELL_FORMED = /^[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

function judgeNumber(token: IToken, reporter: Reporter): IToken {
  if (!WELL_FORMED.test(token.image)) {
    const repaired = repairNumber(token.image);
    reporter.errorAt('P005', token, `\`${shorten(token.image)}\` is not a number: ${numberComplaint(token.image)}`, {
      ...(repaired === undefined ? {} : { fix: { title: `write \`${repaired}\``, newText: repaired } }),
    });
    return { ...token, payload: Number(repaired ?? Number.parseFloat(token.image)) || 0 };
  }
  const value = Number(token.image);
  if (!Number.isFinite(value)) {
    reporter.errorAt(
      'P005',
      token,
      `\`${shorten(token.image)}\` is too large for a number; the largest is about 1.8e308`,
      {
        help: 'write `inf` for infinity',
      },
    );
  }
  return { ...token, payload: value };
}

function numberComplaint(image: string): string {
  if (/^\.[0-9]/.test(image)) return 'expected a digit before the point';
  if (/^[0-9]+\.(?:[eE][+-]?[0-9]+)?$/.test(image)) return 'expected a digit after the point';
  if (/^[0-9.]+[eE][+-]?$/.test(image)) return 'expected digits after the exponent sign `e`';
  if (/^0[xXbBoO]/.test(image)) return 'numbers are decimal here';
  if (/^[0-9_.eE+-]*$/.test(image) && image.includes('_')) return 'digits are not grouped by `_`';
  if (/^[0-9.eE+-]+$/.test(image)) return 'it has more than one point or exponent';
  return 'a name cannot start with a digit, and an operator is needed between a number and a name';
}

function repairNumber(image: string): string | undefined {
  const hexadecimal = /^0[xX][0-9A-Fa-f]{1,12}$/.test(image) ? String(Number(image)) : undefined;
  const repaired =
    hexadecimal ??
    image
      .replaceAll('_', '')
      .replace(/^\./, '0.')
      .replace(/\.(?=$|[eE])/, '')
      .replace(/[eE][+-]?$/, '');
  return WELL_FORMED.test(repaired) ? repaired : undefined;
}

function judgeString(token: IToken, body: string, reporter: Reporter): IToken {
  const value = unescape(body, (bad) => {
    const start = token.startOffset + 1 + bad.start;
    const extra: Extra = bad.message.includes('not an escape')
      ? { help: 'for a regular expression use a raw string, r"…", in which a backslash is only a backslash' }
      : {};
    reporter.error('P005', start, start + (bad.end - bad.start), bad.message, extra);
  });
  return { ...token, payload: value };
}

function judgeOpenText(token: IToken, reporter: Reporter): IToken {
  const raw = token.image.startsWith('r');
  reporter.error(
    'P003',
    token.startOffset,
    token.startOffset + (raw ? 2 : 1),
    'this string is never closed: expected `"` before the end of the line',
    {
      ...(raw ? {} : { help: 'a line break inside a string is written \\n, a quote \\"' }),
    },
  );
  return { ...token, payload: token.image.slice(raw ? 2 : 1) };
}

function judgeQuotedText(token: IToken, reporter: Reporter): IToken {
  const body = token.image.slice(1, -1);
  const written = `"${body.replaceAll("\\'", "'").replace(/(?<!\\)"/g, '\\"')}"`;
  reporter.errorAt('P001', token, "strings are written with double quotes, found `'`", {
    fix: { title: `write ${shorten(written)}`, newText: written },
  });
  return { ...token, payload: body };
}

function judgeSlip(token: IToken, reporter: Reporter): IToken | undefined {
  const meant = SLIPS[token.image];
  if (meant !== undefined) {
    reporter.errorAt(
      'P001',
      token,
      `\`${token.image}\` is not an operator of this language; write \`${meant.write}\``,
      {
        fix: { title: `write \`${meant.write}\``, newText: meant.write },
      },
    );
    return retag(token, meant.as);
  }
  if (token.image === ';') {
    reporter.errorAt('P001', token, 'statements are not separated by `;` here; a new line is enough', {
      fix: { title: 'remove `;`', newText: '' },
    });
    return undefined;
  }
  reporter.errorAt('P001', token, `\`${token.image}\` is not an operator of this language`, {
    help: 'for a percentage write a fraction, such as 0.05; there is no remainder operator',
  });
  return retag(token, T.Times);
}

const GREEK: Readonly<Record<string, string>> = {
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  ε: 'epsilon',
  θ: 'theta',
  λ: 'lambda',
  μ: 'mu',
  π: 'pi',
  σ: 'sigma',
  τ: 'tau',
  φ: 'phi',
};
const OTHER: Readonly<Record<string, string>> = {
  '≤': '<=',
  '≥': '>=',
  '≠': '!=',
  '~': '=',
  '∝': '=',
  '∞': 'inf',
  '×': '*',
  '·': '*',
  '−': '-',
  '–': '-',
  '∧': 'and',
  '∨': 'or',
  '¬': 'not',
  '∀': 'forall',
  '“': '"',
  '”': '"',
};

function judgeUnknown(token: IToken, reporter: Reporter): void {
  const { image } = token;
  if (isWord(token)) {
    const plain = [...image.normalize('NFD')]
      .map((c) => GREEK[c] ?? c)
      .join('')
      .replace(/\p{M}/gu, '');
    const usable = /^[A-Za-z_][A-Za-z0-9_]*$/.test(plain);
    reporter.errorAt(
      'P001',
      token,
      `\`${shorten(image)}\` is not a name: names are made of the letters A to Z, digits and \`_\``,
      {
        ...(usable ? { fix: { title: `write \`${plain}\``, newText: plain } } : {}),
      },
    );
    return;
  }
  const first = String.fromCodePoint(image.codePointAt(0) ?? 0);
  const instead = first === '?' ? 'if … then … else …' : OTHER[first];
  const help = first === '#' ? 'a comment begins with `//`' : instead && `write \`${instead}\``;
  reporter.errorAt('P001', token, `unexpected character ${describeCharacters(image)}`, {
    ...(help === undefined ? {} : { help }),
  });
}

function describeCharacters(image: string): string {
  if (image === "'") return "`'`: strings are written with double quotes";
  if (/^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(shorten(image))) return `\`${shorten(image)}\``;
  const code = (image.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code}`;
}
