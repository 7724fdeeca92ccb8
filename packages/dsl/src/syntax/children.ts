import type { Expr, Statement } from './ast.ts';

/** Expressions directly inside an expression, in order of the text. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'name':
    case 'missing':
      return [];
    case 'call':
      return [expr.callee, ...expr.args.map((a) => a.value)];
    case 'list':
      return expr.items;
    case 'record':
      return expr.entries.map((e) => e.value);
    case 'negate':
    case 'not':
      return [expr.operand];
    case 'binary':
      return [expr.left, expr.right];
    case 'comparison':
      return expr.operands;
    case 'if':
      return [expr.condition, expr.then, expr.else];
    case 'given':
      return expr.parts;
    case 'subjectTo':
      return [expr.base, ...expr.moments.flatMap((m) => [m.of, m.value])];
    case 'group':
      return [expr.inner];
    default:
      return expr satisfies never;
  }
}

/** Expressions directly inside a statement, in order of the text. */
export function expressionsOf(statement: Statement): readonly Expr[] {
  switch (statement.kind) {
    case 'import':
      return [];
    case 'extern':
      return statement.range ? [statement.range.lo, statement.range.hi] : [];
    case 'param':
      return statement.range ? [statement.value, statement.range.lo, statement.range.hi] : [statement.value];
    case 'context':
      return [statement.values];
    case 'binding':
      return [statement.value];
    case 'property':
      return statement.forall?.in ? [statement.forall.in, statement.body] : [statement.body];
    default:
      return statement satisfies never;
  }
}
