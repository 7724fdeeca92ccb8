import { joinSpans } from '@postulate/graph';
import type { IToken } from 'chevrotain';
import type * as Ast from './ast.ts';
import { ExpressionGrammar } from './expression-grammar.ts';
import { endOf } from './reporter.ts';
import type { Reporter } from './reporter.ts';
import { isName } from './token-kinds.ts';
import type { Group, Window } from './token-trees.ts';
import * as T from './tokens.ts';

type Mutable<N> = { -readonly [K in keyof N]: N[K] };
type Spanless<S> = S extends Ast.Statement ? Omit<S, 'span' | 'doc'> : never;

const AFTER_VALUE = 'an operator or a new statement';

/** Rules for statements; `read` is the way in. */
export class StatementGrammar extends ExpressionGrammar {
  constructor() {
    super();
    this.performSelfAnalysis();
  }

  /** One statement with everything inside it; undefined where not even its kind and name are clear. */
  read(window: Window, reporter: Reporter): Ast.Statement | undefined {
    let read: Spanless<Ast.Statement> | undefined;
    this.readAll(window, reporter, () => (read = this.#statement(window)));
    const first = window.items[0];
    const last = window.items[window.items.length - 1];
    return read && { ...read, span: reporter.span(first.startOffset, endOf(last)) };
  }

  #statement(window: Window): Spanless<Ast.Statement> | undefined {
    const first = window.items[0];
    switch (first.tokenType) {
      case T.Import:
        return this.importStatement();
      case T.Extern:
        return this.externStatement();
      case T.Param:
        return this.paramStatement();
      case T.Context:
        return this.contextStatement();
      case T.Property:
        return this.propertyStatement();
      default:
        if (isName(first)) return this.bindingStatement();
        this.complain('a statement, such as `name = value`');
        return undefined;
    }
  }

  private readonly importName = this.RULE('importName', (): Ast.ImportName => {
    const imported = this.CONSUME(T.Name);
    const as = this.OPTION(() => {
      this.CONSUME(T.As);
      return this.CONSUME1(T.Name);
    });
    return this.ACTION(() => {
      const name = this.identifier(imported);
      if (as === undefined) return { imported: name, span: name.span };
      return { imported: name, as: this.identifier(as), span: joinSpans(name.span, this.spanOf(as)) };
    });
  });

  private readonly importNames = this.RULE('importNames', (names: Ast.ImportName[]) => {
    this.commaSeparated(this.importName, names, '`as`, `,` or `}`');
  });

  private readonly importStatement = this.statementRule('import', (): Spanless<Ast.StatementOf<'import'>> => {
    this.CONSUME(T.Import);
    const braces = this.CONSUME(T.Braces);
    this.CONSUME(T.From);
    const path = this.CONSUME(T.Text);
    return this.ACTION(() => {
      const names: Ast.ImportName[] = [];
      this.later(braces.payload as Group, () => this.importNames(names));
      return { kind: 'import', names, from: this.text(path) };
    });
  });

  private readonly externStatement = this.statementRule('extern', (): Spanless<Ast.StatementOf<'extern'>> => {
    this.CONSUME(T.Extern);
    const what = this.OR({
      DEF: [{ ALT: () => this.CONSUME(T.Score) }, { ALT: () => this.CONSUME(T.Event) }],
      ERR_MSG: '`score` or `event`',
    });
    const name = this.CONSUME(T.Name);
    this.CONSUME(T.From);
    const path = this.CONSUME(T.Text);
    const range = this.OPTION(() => this.SUBRULE(this.range));
    return this.ACTION(() => ({
      kind: 'extern',
      what: what.tokenType === T.Event ? 'event' : 'score',
      name: this.identifier(name),
      from: this.text(path),
      ...(range && { range }),
    }));
  });

  private readonly paramStatement = this.statementRule('param', (): Spanless<Ast.StatementOf<'param'>> => {
    this.CONSUME(T.Param);
    const name = this.CONSUME(T.Name);
    this.expect(T.Assign, [T.Colon, T.Equal]);
    const value = this.part(
      () => this.SUBRULE(this.expression),
      () => this.missing(),
      [T.In],
      'an operator, `in` or a new statement',
    );
    const range = this.OPTION(() => this.SUBRULE(this.range));
    return this.ACTION(() => ({ kind: 'param', name: this.identifier(name), value, ...(range && { range }) }));
  });

  private readonly contextStatement = this.statementRule('context', (): Spanless<Ast.StatementOf<'context'>> => {
    this.CONSUME(T.Context);
    const name = this.CONSUME(T.Name);
    this.expect(T.In, [T.Assign, T.Colon]);
    const values = this.lastValue();
    return this.ACTION(() => ({ kind: 'context', name: this.identifier(name), values }));
  });

  private readonly bindingStatement = this.statementRule('binding', (): Spanless<Ast.StatementOf<'binding'>> => {
    const name = this.CONSUME(T.Name);
    const parens = this.OPTION(() => this.CONSUME(T.Parens));
    this.expect(T.Assign, [T.Colon, T.Equal]);
    const value = this.lastValue();
    return this.ACTION(() => {
      const parameters = parens && this.#parametersOf(parens);
      return { kind: 'binding', name: this.identifier(name), ...(parameters && { parameters }), value };
    });
  });

  private readonly propertyStatement = this.statementRule('property', (): Spanless<Ast.StatementOf<'property'>> => {
    this.CONSUME(T.Property);
    const title = this.CONSUME(T.Text);
    this.expect(T.Colon, [T.Assign]);
    const forall = this.OPTION(() => this.SUBRULE(this.forall));
    const body = this.lastValue();
    return this.ACTION(() => ({ kind: 'property', title: this.text(title), ...(forall && { forall }), body }));
  });

  private readonly forall = this.RULE('forall', () => {
    this.CONSUME(T.Forall);
    const names: Ast.Identifier[] = [];
    const add = (token: IToken): void => this.ACTION(() => void names.push(this.identifier(token)));
    add(this.CONSUME(T.Name));
    this.MANY(() => {
      this.CONSUME(T.Comma);
      add(this.CONSUME1(T.Name));
    });
    const domain = this.OPTION(() => {
      this.CONSUME(T.In);
      return this.part(
        () => this.SUBRULE(this.expression),
        () => this.missing(),
        [T.Colon],
        'an operator or `:`',
      );
    });
    this.expect(T.Colon);
    return this.ACTION(() => ({ names, ...(domain && { in: domain }) }));
  });

  private readonly range = this.RULE('range', (): Ast.RangeExpr => {
    this.CONSUME(T.In);
    const bracket = this.OR({
      DEF: [{ ALT: () => this.CONSUME(T.Brackets) }, { ALT: () => this.CONSUME(T.Parens) }],
      ERR_MSG: 'a range, such as `(0, inf)` or `[0, 1]`',
    });
    return this.ACTION(() => this.#range(bracket));
  });

  private readonly bounds = this.RULE('bounds', (bounds: Ast.Expr[]) => {
    this.commaSeparated(this.expression, bounds, 'an operator, `,` or the end of the range', () => this.missing());
  });

  private readonly parameter = this.RULE('parameter', (): Ast.Identifier => {
    const name = this.CONSUME(T.Name);
    return this.ACTION(() => this.identifier(name));
  });

  private readonly parameters = this.RULE('parameters', (names: Ast.Identifier[]) => {
    this.commaSeparated(this.parameter, names, '`,` or `)`');
  });

  private statementRule<S>(name: string, body: () => S): () => S | undefined {
    return this.RULE(name, () => this.part<S | undefined>(body, () => undefined, [], AFTER_VALUE));
  }

  /** The expression that ends a statement. */
  private lastValue(): Ast.Expr {
    return this.part(
      () => this.SUBRULE(this.expression),
      () => this.missing(),
      [],
      AFTER_VALUE,
    );
  }

  private text(token: IToken): Ast.ExprOf<'string'> {
    return {
      kind: 'string',
      value: token.payload as string,
      raw: token.image.startsWith('r'),
      span: this.spanOf(token),
    };
  }

  #parametersOf(parens: IToken): readonly Ast.Identifier[] {
    const names: Ast.Identifier[] = [];
    const group = parens.payload as Group;
    if (group.items.length > 0) this.later(group, () => this.parameters(names));
    else {
      const { reporter } = this.state;
      reporter.errorAt('P002', parens, 'expected a parameter, found `()`', {
        help: 'a value without parameters is written `name = value`',
      });
    }
    return names;
  }

  #range(bracket: IToken): Ast.RangeExpr {
    const group = bracket.payload as Group;
    const span = this.spanOf(bracket);
    const bounds: Ast.Expr[] = [];
    const { reporter } = this.state;
    const missing: Ast.Expr = { kind: 'missing', span };
    const range: Mutable<Ast.RangeExpr> = {
      lo: missing,
      hi: missing,
      loOpen: group.open.tokenType === T.OpenParen,
      hiOpen: group.end?.tokenType === T.CloseParen,
      span,
    };
    this.later(group, () => {
      this.bounds(bounds);
      [range.lo = missing, range.hi = missing] = bounds;
      if (bounds.length !== 2 && !group.broken && !this.complained) {
        reporter.errorAt('P002', bracket, `expected two bounds, as in \`(0, inf)\`, found ${bounds.length}`);
      }
    });
    return range;
  }
}
