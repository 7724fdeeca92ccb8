import type { Expr, Statement } from './ast.ts';
import { childrenOf, expressionsOf } from './children.ts';
import { MAX_NESTING, MAX_TREE_DEPTH, tooDeepMessage, tooLongMessage } from './limits.ts';
import type { Reporter } from './reporter.ts';

interface Visit {
  readonly expr: Expr;
  readonly depth: number;
  /** Operands of `not`, `-`, `^`, `implies` and `else` around it; brackets are counted by the reader of token trees. */
  readonly nesting: number;
}

/** Replaces the expressions of a statement by `missing` where one is too deep for the passes that follow. */
export function limitDepth(statement: Statement, reporter: Reporter): Statement {
  const { start, end } = statement.span;
  if (end - start < MAX_NESTING) return statement;
  const deep = expressionsOf(statement).some((e) => reportDepth(e, reporter));
  return deep ? emptied(statement) : statement;
}

function reportDepth(root: Expr, reporter: Reporter): boolean {
  const visits: Visit[] = [{ expr: root, depth: 1, nesting: 0 }];
  for (let visit = visits.pop(); visit !== undefined; visit = visits.pop()) {
    const { expr, depth, nesting } = visit;
    if (nesting > MAX_NESTING || depth > MAX_TREE_DEPTH) {
      const message = nesting > MAX_NESTING ? tooDeepMessage : tooLongMessage;
      reporter.error('P004', expr.span.start, Math.max(expr.span.start, firstEnd(expr)), message);
      return true;
    }
    const inner = nestedOperand(expr);
    for (const child of childrenOf(expr)) {
      visits.push({ expr: child, depth: depth + 1, nesting: child === inner ? nesting + 1 : nesting });
    }
  }
  return false;
}

/** A caret under one character says where, without painting the whole file. */
const firstEnd = (expr: Expr): number => Math.min(expr.span.start + 1, expr.span.end);

function nestedOperand(expr: Expr): Expr | undefined {
  if (expr.kind === 'not' || expr.kind === 'negate') return expr.operand;
  if (expr.kind === 'if') return expr.else;
  if (expr.kind === 'binary' && (expr.op === '^' || expr.op === 'implies')) return expr.right;
  return undefined;
}

function emptied(statement: Statement): Statement {
  const missing = (e: Expr): Expr => ({ kind: 'missing', span: e.span });
  switch (statement.kind) {
    case 'import':
      return statement;
    case 'extern':
      return { ...statement, range: undefined };
    case 'param':
      return { ...statement, value: missing(statement.value), range: undefined };
    case 'context':
      return { ...statement, values: missing(statement.values) };
    case 'binding':
      return { ...statement, value: missing(statement.value) };
    case 'property':
      return { ...statement, body: missing(statement.body), forall: undefined };
    default:
      return statement satisfies never;
  }
}
