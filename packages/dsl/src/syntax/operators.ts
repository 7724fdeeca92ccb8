import type { Span } from '@postulate/graph';
import { joinSpans } from '@postulate/graph';
import type { IToken, TokenType } from 'chevrotain';
import type { BinaryOperator, ComparisonOperatorText, Expr, MomentExpr } from './ast.ts';
import * as T from './tokens.ts';

/** An operand that is built already, with the prefixes written before it. */
export interface Operand {
  readonly prefixes: readonly IToken[];
  readonly value: Expr;
}

/** `a + b * c`, before precedence: one more operand than operators. */
export interface FlatExpression {
  readonly operands: readonly Operand[];
  readonly operators: readonly IToken[];
  readonly subject?: { readonly moments: readonly MomentExpr[]; readonly end: Span };
}

/** What the tree builder needs of the parser. */
export interface Surround {
  span(start: number, end: number): Span;
  conditional(token: IToken, elseValue: Expr): Expr;
  misplacedNot(token: IToken): void;
}

/** Levels of the grammar, loosest first. An `if` takes all that follows it. */
const LEVEL = {
  if: 0,
  given: 1,
  implies: 2,
  or: 3,
  and: 4,
  not: 5,
  comparison: 6,
  sum: 7,
  product: 8,
  negate: 9,
  power: 10,
};

const BINARY: ReadonlyMap<TokenType, { readonly op: BinaryOperator; readonly level: number; readonly right?: true }> =
  new Map([
    [T.Implies, { op: 'implies', level: LEVEL.implies, right: true }],
    [T.Or, { op: 'or', level: LEVEL.or }],
    [T.And, { op: 'and', level: LEVEL.and }],
    [T.Plus, { op: '+', level: LEVEL.sum }],
    [T.Minus, { op: '-', level: LEVEL.sum }],
    [T.Times, { op: '*', level: LEVEL.product }],
    [T.Divide, { op: '/', level: LEVEL.product }],
    [T.Power, { op: '^', level: LEVEL.power, right: true }],
  ] as const);

/** An operator that waits for its right operand. */
type Waiting =
  | { readonly kind: 'if' | 'not' | 'negate'; readonly level: number; readonly token: IToken }
  | { readonly kind: 'binary'; readonly level: number; readonly op: BinaryOperator; readonly token: IToken }
  | { readonly kind: 'comparison'; readonly level: number; readonly ops: ComparisonOperatorText[] }
  | { readonly kind: 'given'; readonly level: number; parts: number };

/**
 * Precedence by two stacks (Dijkstra's shunting yard), with no recursion: chains of any length and either associativity
 * are safe. Comparisons and bars collect into one flat node.
 */
export function buildExpression(flat: FlatExpression, surround: Surround): Expr {
  const waiting: Waiting[] = [];
  const values: Expr[] = [];
  const reduce = (): void => reduceTop(waiting, values, surround);
  flat.operands.forEach((operand, i) => {
    if (i > 0) pushOperator(flat.operators[i - 1], waiting, reduce);
    for (const token of operand.prefixes) pushPrefix(token, waiting, surround);
    values.push(operand.value);
  });
  if (flat.subject !== undefined) {
    while (waiting.length > 0 && waiting[waiting.length - 1].kind !== 'if') reduce();
    const base = values[values.length - 1];
    const span = joinSpans(base.span, flat.subject.end);
    values[values.length - 1] = { kind: 'subjectTo', base, moments: flat.subject.moments, span };
  }
  while (waiting.length > 0) reduce();
  return values[0];
}

function pushPrefix(token: IToken, waiting: Waiting[], surround: Surround): void {
  if (token.tokenType === T.Conditional) waiting.push({ kind: 'if', level: LEVEL.if, token });
  else if (token.tokenType === T.Not) {
    const outer = waiting.at(-1);
    if (outer !== undefined && outer.level > LEVEL.not) surround.misplacedNot(token);
    waiting.push({ kind: 'not', level: LEVEL.not, token });
  } else waiting.push({ kind: 'negate', level: LEVEL.negate, token });
}

function pushOperator(token: IToken, waiting: Waiting[], reduce: () => void): void {
  const level = (): number => waiting.at(-1)?.level ?? -1;
  const binary = BINARY.get(token.tokenType);
  if (binary !== undefined) {
    while (binary.right ? level() > binary.level : level() >= binary.level) reduce();
    waiting.push({ kind: 'binary', level: binary.level, op: binary.op, token });
    return;
  }
  const flatLevel = token.tokenType === T.Bar ? LEVEL.given : LEVEL.comparison;
  while (level() > flatLevel) reduce();
  const top = waiting.at(-1);
  if (token.tokenType === T.Bar) {
    if (top?.kind === 'given') top.parts++;
    else waiting.push({ kind: 'given', level: flatLevel, parts: 2 });
  } else {
    const op = (token.tokenType.LABEL ?? '').slice(1, -1) as ComparisonOperatorText;
    if (top?.kind === 'comparison') top.ops.push(op);
    else waiting.push({ kind: 'comparison', level: flatLevel, ops: [op] });
  }
}

function reduceTop(waiting: Waiting[], values: Expr[], surround: Surround): void {
  const top = waiting.pop();
  if (top === undefined) return;
  const count = operandsOf(top);
  const parts = values.splice(values.length - count, count);
  values.push(nodeOf(top, parts, joinSpans(parts[0].span, parts[parts.length - 1].span), surround));
}

function operandsOf(operator: Waiting): number {
  switch (operator.kind) {
    case 'binary':
      return 2;
    case 'comparison':
      return operator.ops.length + 1;
    case 'given':
      return operator.parts;
    default:
      return 1;
  }
}

function nodeOf(operator: Waiting, parts: Expr[], span: Span, surround: Surround): Expr {
  switch (operator.kind) {
    case 'binary': {
      const { token, op } = operator;
      const opSpan = surround.span(token.startOffset, token.startOffset + token.image.length);
      return { kind: 'binary', op, opSpan, left: parts[0], right: parts[1], span };
    }
    case 'comparison':
      return { kind: 'comparison', ops: operator.ops, operands: parts, span };
    case 'given':
      return { kind: 'given', parts, span };
    case 'if':
      return surround.conditional(operator.token, parts[0]);
    case 'not':
    case 'negate':
      return { kind: operator.kind, operand: parts[0], span: surround.span(operator.token.startOffset, span.end) };
    default:
      return operator satisfies never;
  }
}
