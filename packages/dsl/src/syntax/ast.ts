import type { Span } from '@postulate/graph';

interface Located {
  readonly span: Span;
}

/** An identifier where it is introduced or referred to. */
export interface Identifier extends Located {
  readonly name: string;
}

export interface CallArgument extends Located {
  readonly name?: Identifier;
  readonly value: Expr;
}

export interface RecordEntry extends Located {
  readonly key: string;
  /** True where the key was written as a string. */
  readonly quoted: boolean;
  readonly keySpan: Span;
  readonly value: Expr;
}

export interface MomentExpr extends Located {
  readonly functional: 'E' | 'P';
  readonly of: Expr;
  readonly relation: '=' | '<=' | '>=';
  readonly value: Expr;
}

export type BinaryOperator = '+' | '-' | '*' | '/' | '^' | 'and' | 'or' | 'implies';
export type ComparisonOperatorText = '<' | '<=' | '>' | '>=' | '==' | '!=';

export type Expr =
  /** `text` is as written: `1e-3`, `inf`. */
  | (Located & { readonly kind: 'number'; readonly value: number; readonly text: string })
  | (Located & { readonly kind: 'string'; readonly value: string; readonly raw: boolean })
  | (Located & { readonly kind: 'boolean'; readonly value: boolean })
  | (Located & { readonly kind: 'name'; readonly name: string })
  | (Located & { readonly kind: 'call'; readonly callee: Expr; readonly args: readonly CallArgument[] })
  | (Located & { readonly kind: 'list'; readonly items: readonly Expr[] })
  | (Located & { readonly kind: 'record'; readonly entries: readonly RecordEntry[] })
  | (Located & { readonly kind: 'negate'; readonly operand: Expr })
  | (Located & { readonly kind: 'not'; readonly operand: Expr })
  | (Located & {
      readonly kind: 'binary';
      readonly op: BinaryOperator;
      readonly opSpan: Span;
      readonly left: Expr;
      readonly right: Expr;
    })
  /** A chain: operands has one more item than ops. */
  | (Located & {
      readonly kind: 'comparison';
      readonly ops: readonly ComparisonOperatorText[];
      readonly operands: readonly Expr[];
    })
  | (Located & { readonly kind: 'if'; readonly condition: Expr; readonly then: Expr; readonly else: Expr })
  /** `a | b | c`, flat, at least two parts. In `E(…)` and `P(…)` the first bar separates function from distribution. */
  | (Located & { readonly kind: 'given'; readonly parts: readonly Expr[] })
  | (Located & { readonly kind: 'subjectTo'; readonly base: Expr; readonly moments: readonly MomentExpr[] })
  /** Parentheses as the author wrote them. */
  | (Located & { readonly kind: 'group'; readonly inner: Expr })
  /** What error recovery could not read; only in programs with errors. */
  | (Located & { readonly kind: 'missing' });

export type ExprOf<K extends Expr['kind']> = Extract<Expr, { readonly kind: K }>;

export interface RangeExpr extends Located {
  readonly lo: Expr;
  readonly hi: Expr;
  readonly loOpen: boolean;
  readonly hiOpen: boolean;
}

export interface ImportName extends Located {
  readonly imported: Identifier;
  readonly as?: Identifier;
}

interface StatementBase extends Located {
  /** Text of the `///` lines directly above, without the slashes, joined by line breaks. */
  readonly doc?: string;
}

export type Statement =
  | (StatementBase & {
      readonly kind: 'import';
      readonly names: readonly ImportName[];
      readonly from: ExprOf<'string'>;
    })
  | (StatementBase & {
      readonly kind: 'extern';
      readonly what: 'score' | 'event';
      readonly name: Identifier;
      readonly from: ExprOf<'string'>;
      readonly range?: RangeExpr;
    })
  | (StatementBase & {
      readonly kind: 'param';
      readonly name: Identifier;
      readonly value: Expr;
      readonly range?: RangeExpr;
    })
  | (StatementBase & { readonly kind: 'context'; readonly name: Identifier; readonly values: Expr })
  /** `parameters` is absent for a plain value, present (never empty) for a function. */
  | (StatementBase & {
      readonly kind: 'binding';
      readonly name: Identifier;
      readonly parameters?: readonly Identifier[];
      readonly value: Expr;
    })
  | (StatementBase & {
      readonly kind: 'property';
      readonly title: ExprOf<'string'>;
      readonly forall?: { readonly names: readonly Identifier[]; readonly in?: Expr };
      readonly body: Expr;
    });

export type StatementOf<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

/** A comment, markers included, exactly as written (without its line break). */
export interface Comment extends Located {
  readonly text: string;
  readonly kind: 'line' | 'block' | 'doc';
}

export interface Program {
  readonly source: string;
  readonly statements: readonly Statement[];
  /** Every comment of the file in order, doc comments included. */
  readonly comments: readonly Comment[];
}
