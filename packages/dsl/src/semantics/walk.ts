import type { Expr } from '../syntax/ast.ts';
import { childrenOf } from '../syntax/children.ts';

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
    const inner = childrenOf(e);
    for (let i = inner.length - 1; i >= 0; i--) stack.push({ e: inner[i], called: e.kind === 'call' && i === 0 });
  }
  return found;
}
