import type { Span } from '@postulate/graph';
import { joinSpans } from '@postulate/graph';
import type { IToken } from 'chevrotain';
import type * as Ast from './ast.ts';
import { reportDuplicateArguments, reportDuplicateKeys } from './duplicates.ts';
import { describe } from './messages.ts';
import { buildExpression } from './operators.ts';
import type { Operand, Surround } from './operators.ts';
import { endOf } from './reporter.ts';
import type { ConditionalParts, Group } from './token-trees.ts';
import { TolerantParser } from './tolerant-parser.ts';
import * as T from './tokens.ts';

type Mutable<N> = { -readonly [K in keyof N]: N[K] };

const MOMENT_HELP = 'a moment reads `E(score) = number`, `P(event) <= number` or `… >= number`';

/** Rules for expressions, over token trees: the inside of a bracket is a window of its own. */
export abstract class ExpressionGrammar extends TolerantParser {
  protected readonly expression = this.RULE('expression', (): Ast.Expr => {
    const operands: Operand[] = [this.SUBRULE(this.operand)];
    const operators: IToken[] = [];
    this.MANY(() => {
      operators.push(this.CONSUME(T.Infix));
      operands.push(this.SUBRULE1(this.operand));
    });
    const braces = this.OPTION(() => {
      this.CONSUME(T.Subject);
      this.CONSUME(T.To);
      return this.CONSUME(T.Braces);
    });
    return this.ACTION(() => {
      const subject = braces && { moments: this.#momentsOf(braces), end: this.spanOf(braces) };
      return buildExpression({ operands, operators, ...(subject && { subject }) }, this.#surround);
    });
  });

  private readonly operand = this.RULE('operand', (): Operand => {
    const prefixes: IToken[] = [];
    this.MANY(() => prefixes.push(this.CONSUME(T.Prefix)));
    const atom = this.CONSUME(T.Atom);
    const calls: IToken[] = [];
    this.MANY1(() => calls.push(this.CONSUME(T.Parens)));
    return this.ACTION(() => ({ prefixes, value: this.#called(this.#atom(atom), calls) }));
  });

  private readonly argument = this.RULE('argument', (): Ast.CallArgument => {
    const name = this.OPTION(() => {
      const token = this.CONSUME(T.Name);
      this.CONSUME(T.Assign);
      return token;
    });
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => {
      if (name === undefined) return { value, span: value.span };
      return { name: this.identifier(name), value, span: joinSpans(this.spanOf(name), value.span) };
    });
  });

  private readonly entry = this.RULE('entry', (): Ast.RecordEntry => {
    const key = this.CONSUME(T.Key);
    this.expect(T.Colon, [T.Assign]);
    const value = this.part(
      () => this.SUBRULE(this.expression),
      () => this.missing(),
      [T.Comma],
      'an operator, `,` or `}`',
    );
    return this.ACTION(() => {
      const quoted = typeof key.payload === 'string';
      const keySpan = this.spanOf(key);
      const text = quoted ? (key.payload as string) : key.image;
      return { key: text, quoted, keySpan, value, span: joinSpans(keySpan, value.span) };
    });
  });

  private readonly moment = this.RULE('moment', (): Ast.MomentExpr => {
    const functional = this.CONSUME(T.Name);
    const of = this.CONSUME(T.Parens);
    const relation = this.OR({
      DEF: [{ ALT: () => this.CONSUME(T.Assign) }, { ALT: () => this.CONSUME(T.Infix) }],
      ERR_MSG: '`=`, `<=` or `>=`',
    });
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => this.#moment(functional, of, relation, value));
  });

  /** What a bracket or a branch holds: one expression and nothing else. */
  private readonly whole = this.RULE('whole', (after: string): Ast.Expr =>
    this.part(
      () => this.SUBRULE(this.expression),
      () => this.missing(),
      [],
      after,
    ),
  );

  private readonly items = this.RULE('items', (items: Ast.Expr[], after: string) => {
    this.commaSeparated(this.expression, items, after, () => this.missing());
  });

  private readonly args = this.RULE('arguments', (items: Ast.CallArgument[], after: string) => {
    this.commaSeparated(this.argument, items, after, () => {
      const value = this.missing();
      return { value, span: value.span };
    });
  });

  private readonly entries = this.RULE('entries', (items: Ast.RecordEntry[], after: string) => {
    this.commaSeparated(this.entry, items, after);
  });

  private readonly moments = this.RULE('moments', (items: Ast.MomentExpr[], after: string) => {
    this.commaSeparated(this.moment, items, after);
  });

  readonly #surround: Surround = {
    span: (start, end) => this.state.reporter.span(start, end),
    conditional: (token, otherwise) => this.#conditional(token, otherwise),
    misplacedNot: (token) =>
      this.state.reporter.errorAt('P002', token, 'expected a value, found `not`', {
        help: '`not` binds looser than comparisons and arithmetic: put `not …` in parentheses',
      }),
  };

  protected spanOf(token: IToken): Span {
    return this.state.reporter.span(token.startOffset, endOf(token));
  }

  protected identifier(token: IToken): Ast.Identifier {
    return { name: token.image, span: this.spanOf(token) };
  }

  /** Stands where the grammar could not read a value. */
  protected missing(): Ast.Expr {
    const token = this.LA(1);
    const { window, reporter } = this.state;
    const at = Number.isNaN(token.startOffset) ? window.endOffset : token.startOffset;
    return { kind: 'missing', span: reporter.span(at, at) };
  }

  #called(callee: Ast.Expr, calls: readonly IToken[]): Ast.Expr {
    return calls.reduce((inner, token): Ast.Expr => {
      const args: Ast.CallArgument[] = [];
      this.#inside(
        token,
        () => this.args(args, 'an operator, `,` or `)`'),
        () => reportDuplicateArguments(args, this.state.reporter),
      );
      return { kind: 'call', callee: inner, args, span: joinSpans(inner.span, this.spanOf(token)) };
    }, callee);
  }

  /** Defers the inside of a bracket that may be empty. */
  #inside(token: IToken, read: () => void, after?: () => void): void {
    const group = token.payload as Group;
    if (group.items.length === 0) return;
    this.later(group, () => {
      read();
      after?.();
    });
  }

  #atom(token: IToken): Ast.Expr {
    const span = this.spanOf(token);
    switch (token.tokenType) {
      case T.NumberLike:
        return { kind: 'number', value: token.payload as number, text: token.image, span };
      case T.Inf:
        return { kind: 'number', value: Infinity, text: 'inf', span };
      case T.True:
      case T.False:
        return { kind: 'boolean', value: token.tokenType === T.True, span };
      case T.Unknown:
      case T.Absent:
        return { kind: 'missing', span };
      case T.Parens:
        return this.#group(token, span);
      case T.Brackets:
        return this.#list(token, span);
      case T.Braces:
        return this.#record(token, span);
      default:
        if (typeof token.payload !== 'string') return { kind: 'name', name: token.image, span };
        return { kind: 'string', value: token.payload, raw: token.image.startsWith('r'), span };
    }
  }

  #group(token: IToken, span: Span): Ast.Expr {
    const node: Mutable<Ast.ExprOf<'group'>> = { kind: 'group', inner: { kind: 'missing', span }, span };
    this.later(token.payload as Group, () => (node.inner = this.whole('an operator or `)`')));
    return node;
  }

  #list(token: IToken, span: Span): Ast.Expr {
    const items: Ast.Expr[] = [];
    this.#inside(token, () => this.items(items, 'an operator, `,` or `]`'));
    return { kind: 'list', items, span };
  }

  #record(token: IToken, span: Span): Ast.Expr {
    const entries: Ast.RecordEntry[] = [];
    this.#inside(
      token,
      () => this.entries(entries, 'an operator, `,` or `}`'),
      () => reportDuplicateKeys(entries, this.state.reporter),
    );
    return { kind: 'record', entries, span };
  }

  #conditional(token: IToken, otherwise: Ast.Expr): Ast.Expr {
    const { condition, then } = token.payload as ConditionalParts;
    const missing = this.missing();
    const span = this.state.reporter.span(token.startOffset, otherwise.span.end);
    const node: Mutable<Ast.ExprOf<'if'>> = { kind: 'if', condition: missing, then: missing, else: otherwise, span };
    this.later(condition, () => (node.condition = this.whole('an operator or `then`')));
    this.later(then, () => (node.then = this.whole('an operator or `else`')));
    return node;
  }

  #momentsOf(braces: IToken): readonly Ast.MomentExpr[] {
    const moments: Ast.MomentExpr[] = [];
    this.later(braces.payload as Group, () => this.moments(moments, 'an operator, `,` or `}`'));
    return moments;
  }

  #moment(functional: IToken, of: IToken, relation: IToken, value: Ast.Expr): Ast.MomentExpr {
    const { reporter } = this.state;
    if (functional.image !== 'E' && functional.image !== 'P') {
      reporter.errorAt('P002', functional, `expected \`E\` or \`P\`, found ${describe(functional)}`, {
        help: MOMENT_HELP,
      });
    }
    const moment: Mutable<Ast.MomentExpr> = {
      functional: functional.image === 'P' ? 'P' : 'E',
      of: this.missing(),
      relation: this.#relation(relation),
      value,
      span: joinSpans(this.spanOf(functional), value.span),
    };
    this.later(of.payload as Group, () => (moment.of = this.whole('an operator or `)`')));
    return moment;
  }

  #relation({ image, tokenType, startOffset }: IToken): Ast.MomentExpr['relation'] {
    if (image === '=' || image === '<=' || image === '>=') return image;
    const meant = tokenType === T.Less ? '<=' : tokenType === T.Greater ? '>=' : '=';
    this.state.reporter.error(
      'P002',
      startOffset,
      startOffset + image.length,
      `expected \`=\`, \`<=\` or \`>=\`, found \`${image}\``,
      {
        help: MOMENT_HELP,
        fix: { title: `write \`${meant}\``, newText: meant },
      },
    );
    return meant;
  }
}
