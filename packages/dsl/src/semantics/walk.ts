import type { Expr, RangeExpr, Statement } from '../syntax/ast.ts';

/** Direct parts of an expression, in order of the source. */
export function parts(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'number':
    case 'string':
    case 'boolean':
    case 'name':
    case 'missing':
      return [];
    case 'call':
      return [e.callee, ...e.args.map((a) => a.value)];
    case 'list':
      return e.items;
    case 'record':
      return e.entries.map((entry) => entry.value);
    case 'negate':
    case 'not':
      return [e.operand];
    case 'binary':
      return [e.left, e.right];
    case 'comparison':
      return e.operands;
    case 'if':
      return [e.condition, e.then, e.else];
    case 'given':
      return e.parts;
    case 'subjectTo':
      return [e.base, ...e.moments.flatMap((m) => [m.of, m.value])];
    case 'group':
      return [e.inner];
    default:
      return e satisfies never;
  }
}

const ends = (r: RangeExpr | undefined): readonly Expr[] => (r ? [r.lo, r.hi] : []);

/** The expressions of a statement. */
export function expressionsOf(s: Statement): readonly Expr[] {
  switch (s.kind) {
    case 'import':
      return [];
    case 'extern':
      return ends(s.range);
    case 'param':
      return [s.value, ...ends(s.range)];
    case 'context':
      return [s.values];
    case 'binding':
      return [s.value];
    case 'property':
      return s.forall?.in ? [s.forall.in, s.body] : [s.body];
    default:
      return s satisfies never;
  }
}

export interface NameUse {
  readonly name: string;
  readonly at: Expr;
  /** Is it called: then functions fit better as suggestions. */
  readonly called: boolean;
}

/** Every name that an expression refers to, without recursion: sources may nest deeply. */
export function namesIn(root: Expr): readonly NameUse[] {
  const found: NameUse[] = [];
  const stack: { readonly e: Expr; readonly called: boolean }[] = [{ e: root, called: false }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { e, called } = next;
    if (e.kind === 'name') found.push({ name: e.name, at: e, called });
    const inner = parts(e);
    for (let i = inner.length - 1; i >= 0; i--) stack.push({ e: inner[i], called: e.kind === 'call' && i === 0 });
  }
  return found;
}
