import { childrenOf, expressionsOf, type Expr, type ExprOf, parse } from '@postulate/dsl';
import type { Span } from '@postulate/graph';

/** A small slip put into a program on purpose, as an edit of its text. */
export interface Mutant {
  /** What was done, in words. */
  readonly name: string;
  readonly kind: 'drop a factor' | 'flip an event' | 'invert beta' | 'and for or' | 'drop a moment';
  /** The program with the slip. */
  readonly text: string;
  /** Line of the edit, from 1. */
  readonly line: number;
}

const EVENTS: ReadonlySet<string> = new Set([
  'contains',
  'contains_any',
  'starts_with',
  'ends_with',
  'matches',
  'finds',
]);

interface Edit {
  readonly kind: Mutant['kind'];
  readonly name: string;
  readonly span: Span;
  readonly newText: string;
}

/** What can be done to one expression. */
function editsOf(e: Expr, source: string, params: ReadonlySet<string>): readonly Edit[] {
  const text = (x: Expr): string => source.slice(x.span.start, x.span.end);
  const short = (x: Expr): string => text(x).replace(/\s+/g, ' ').slice(0, 50);
  const flip = (x: Expr): Edit => ({ kind: 'flip an event', name: `not ${short(x)}`, span: x.span, newText: `(not (${text(x)}))` }); // prettier-ignore
  switch (e.kind) {
    case 'given':
      return [
        ...droppedParts(e, text, short),
        ...e.parts
          .slice(1)
          .filter((p) => p.kind === 'name')
          .map(flip),
      ];
    case 'not':
      return [{ kind: 'flip an event', name: `${short(e.operand)} for not`, span: e.span, newText: `(${text(e.operand)})` }]; // prettier-ignore
    case 'call':
      return e.callee.kind === 'name' && EVENTS.has(e.callee.name) ? [flip(e)] : [];
    case 'comparison':
      return [flip(e)];
    case 'subjectTo':
      return e.moments.map((m): Edit => {
        const left = e.moments.filter((other) => other !== m);
        const list = left.map((o) => source.slice(o.span.start, o.span.end)).join(', ');
        const newText = left.length === 0 ? text(e.base) : `${text(e.base)} subject to { ${list} }`;
        const dropped = source.slice(m.span.start, m.span.end);
        return { kind: 'drop a moment', name: `without ${dropped}`, span: e.span, newText };
      });
    case 'binary':
      return binaryEdits(e, text, short, params);
    default:
      return [];
  }
}

function droppedParts(e: ExprOf<'given'>, text: (x: Expr) => string, short: (x: Expr) => string): readonly Edit[] {
  return e.parts.slice(1).map((p): Edit => {
    const rest = e.parts.filter((other) => other !== p);
    return { kind: 'drop a factor', name: `without | ${short(p)}`, span: e.span, newText: `(${rest.map(text).join(' | ')})` }; // prettier-ignore
  });
}

function binaryEdits(
  e: ExprOf<'binary'>,
  text: (x: Expr) => string,
  short: (x: Expr) => string,
  params: ReadonlySet<string>,
): readonly Edit[] {
  if (e.op === 'and' || e.op === 'or') {
    const other = e.op === 'and' ? 'or' : 'and';
    return [{ kind: 'and for or', name: `${other} for ${e.op}`, span: e.opSpan, newText: other }];
  }
  if (e.op !== '*' && e.op !== '/') return [];
  const drop: Edit = { kind: 'drop a factor', name: `without ${e.op} ${short(e.right)}`, span: e.span, newText: `(${text(e.left)})` }; // prettier-ignore
  const byParam = e.right.kind === 'name' && params.has(e.right.name);
  const other = e.op === '*' ? '/' : '*';
  if (byParam) return [{ kind: 'invert beta', name: `${other} ${short(e.right)}`, span: e.opSpan, newText: other }];
  return [drop];
}

/** Every slip of the kinds above in the definitions of a program; properties are left as they are. Some do not type-check. */
export function mutantsOf(source: string, name: string): readonly Mutant[] {
  const { program } = parse(source, name);
  const params = new Set(program.statements.flatMap((s) => (s.kind === 'param' ? [s.name.name] : [])));
  const found: Mutant[] = [];
  const visit = (e: Expr): void => {
    for (const edit of editsOf(e, source, params)) {
      const text = source.slice(0, edit.span.start) + edit.newText + source.slice(edit.span.end);
      const line = source.slice(0, edit.span.start).split('\n').length;
      if (!found.some((m) => m.text === text)) found.push({ kind: edit.kind, name: edit.name, text, line });
    }
    childrenOf(e).forEach(visit);
  };
  for (const s of program.statements) if (s.kind === 'binding') expressionsOf(s).forEach(visit);
  return found;
}
