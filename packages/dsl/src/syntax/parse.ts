import type { Diagnostic, Span } from '@postulate/graph';
import type { IToken } from 'chevrotain';
import type { Comment, Program, Statement } from './ast.ts';
import { docComments } from './doc-comments.ts';
import { judgeComments, judgeTokens } from './judge-tokens.ts';
import { lex } from './lexer.ts';
import { endOf, Reporter } from './reporter.ts';
import { StatementGrammar } from './statement-grammar.ts';
import { MAX_OPEN_BRACKETS, tooDeepMessage } from './limits.ts';
import { limitDepth } from './tree-depth.ts';
import { tokenInfos } from './token-info.ts';
import type { TokenInfo } from './token-info.ts';
import { readTrees } from './token-trees.ts';
import type { Window } from './token-trees.ts';
import * as T from './tokens.ts';

export interface Parsed {
  /** Recovered as far as possible: statements that could not be read at all are left out. */
  readonly program: Program;
  /** Every token of the text, comments included, in order. */
  readonly tokens: readonly TokenInfo[];
  readonly diagnostics: readonly Diagnostic[];
}

let grammar: StatementGrammar | undefined;

/**
 * Reads a `.post` text. Never throws; takes time linear in the length of the text; reports every error it finds, with
 * codes P001 to P007. Expressions nest at most `MAX_NESTING` deep, and no tree is deeper than `MAX_TREE_DEPTH`.
 */
export function parse(text: string, source: string): Parsed {
  return parseToTrees(text, source).parsed;
}

/** The same, with the token trees that the formatter lays out: one window a statement of a text without errors. */
export function parseToTrees(
  text: string,
  source: string,
): { readonly parsed: Parsed; readonly windows: readonly Window[] } {
  const reporter = new Reporter(text, source);
  if (reportBinary(text, reporter) || reportHopelessDepth(text, reporter)) {
    const program = { source, statements: [], comments: [] };
    return { parsed: { program, tokens: [], diagnostics: reporter.diagnostics }, windows: [] };
  }
  const lexed = lex(text);
  judgeComments(lexed.comments, reporter);
  const tokens = judgeTokens(lexed.tokens, reporter);
  const comments = lexed.comments.map((c) => commentOf(c, reporter));
  const windows = readTrees(text, tokens, reporter);
  const statements = readStatements(text, windows, comments, reporter);
  let infos: readonly TokenInfo[] | undefined;
  const parsed: Parsed = {
    program: { source, statements, comments },
    get tokens() {
      return (infos ??= tokenInfos(lexed, source));
    },
    diagnostics: reporter.diagnostics,
  };
  return { parsed, windows };
}

function readStatements(
  text: string,
  windows: readonly Window[],
  comments: readonly Comment[],
  reporter: Reporter,
): readonly Statement[] {
  grammar ??= new StatementGrammar();
  const docOf = docComments(text, comments);
  const statements: Statement[] = [];
  for (const window of windows) {
    const statement = grammar.read(window, reporter);
    if (statement === undefined) continue;
    const doc = docOf(statement.span.start);
    const shallow = limitDepth(statement, reporter);
    statements.push(doc === undefined ? shallow : { ...shallow, doc });
  }
  return statements;
}

function commentOf(token: IToken, reporter: Reporter): Comment {
  const span: Span = reporter.span(token.startOffset, endOf(token));
  const kind = token.tokenType === T.DocComment ? 'doc' : token.tokenType === T.LineComment ? 'line' : 'block';
  return { kind, text: token.image, span };
}

/** Strings and comments are not told apart here: no text that means something comes near the limit. */
function reportHopelessDepth(text: string, reporter: Reporter): boolean {
  let open = 0;
  for (let i = 0; i < text.length && open <= MAX_OPEN_BRACKETS; i++) {
    const character = text[i];
    if (character === '(' || character === '[' || character === '{') open++;
    else if ((character === ')' || character === ']' || character === '}') && open > 0) open--;
    if (open > MAX_OPEN_BRACKETS) reporter.error('P004', i, i + 1, tooDeepMessage);
  }
  return open > MAX_OPEN_BRACKETS;
}

/** At most this share of a text may be characters that no text editor writes. */
const MAX_STRANGE_SHARE = 0.1;

function reportBinary(text: string, reporter: Reporter): boolean {
  const nul = text.indexOf('\0');
  const strange = nul === -1 ? (text.match(/[\x01-\x08\x0e-\x1f\x7f\ufffd]/g)?.length ?? 0) : 0;
  if (nul === -1 && strange <= MAX_STRANGE_SHARE * text.length) return false;
  const at = Math.max(nul, 0);
  const found = nul === -1 ? 'bytes that are not UTF-8 text' : 'a NUL byte';
  reporter.error(
    'P007',
    at,
    Math.min(at + 1, text.length),
    `expected a text in UTF-8, found ${found}: is this a .post file?`,
  );
  return true;
}
