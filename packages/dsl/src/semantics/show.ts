import type { Expr } from '../syntax/ast.ts';

const LIMIT = 40;

/** Source-like text of a small expression, for messages; `undefined` where it would be long. */
export function show(e: Expr): string | undefined {
  const text = print(e, 6);
  return text === undefined || text.length > LIMIT ? undefined : text;
}

/** The expression without the parentheses around it. */
export function strip(e: Expr): Expr {
  let inner = e;
  while (inner.kind === 'group') inner = inner.inner;
  return inner;
}

/** `show` in backquotes, or a noun. */
export function quote(e: Expr, otherwise: string): string {
  const text = show(strip(e));
  return text === undefined ? otherwise : `\`${text}\``;
}

function all(parts: readonly Expr[], depth: number, separator: string): string | undefined {
  if (parts.length > 6) return undefined;
  const texts = parts.map((p) => print(p, depth));
  return texts.includes(undefined) ? undefined : texts.join(separator);
}

function print(e: Expr, depth: number): string | undefined {
  if (depth === 0) return undefined;
  switch (e.kind) {
    case 'number':
      return e.text;
    case 'string':
      return e.raw ? `r"${e.value}"` : JSON.stringify(e.value);
    case 'boolean':
      return String(e.value);
    case 'name':
      return e.name;
    case 'group': {
      const inner = print(e.inner, depth - 1);
      return inner === undefined ? undefined : `(${inner})`;
    }
    case 'negate':
    case 'not': {
      const inner = print(e.operand, depth - 1);
      return inner === undefined ? undefined : `${e.kind === 'not' ? 'not ' : '-'}${inner}`;
    }
    case 'binary': {
      const tight = e.op === '/' || e.op === '^';
      return all([e.left, e.right], depth - 1, tight ? e.op : ` ${e.op} `);
    }
    case 'comparison':
      return e.ops.length === 1 ? all(e.operands, depth - 1, ` ${e.ops[0]} `) : undefined;
    case 'call': {
      if (e.args.some((a) => a.name !== undefined)) return undefined;
      const args = all(
        e.args.map((a) => a.value),
        depth - 1,
        ', ',
      );
      const callee = print(e.callee, depth - 1);
      return args === undefined || callee === undefined ? undefined : `${callee}(${args})`;
    }
    default:
      return undefined;
  }
}
