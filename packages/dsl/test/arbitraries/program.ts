import fc from 'fast-check';
import type { BinaryOperator, Expr, Program, Statement } from '../../src/syntax/ast.ts';

/** A syntax tree without places, as `withoutSpans` leaves it. */
export type Bare<N> = N extends readonly (infer M)[]
  ? readonly Bare<M>[]
  : N extends object
    ? { readonly [K in keyof N as K extends 'span' | 'opSpan' | 'keySpan' ? never : K]: Bare<N[K]> }
    : N;
export type BareExpr = Bare<Expr>;
export type BareStatement = Bare<Statement>;

/** The tree with every `…span` left out, for comparison. */
export function withoutSpans<N>(node: N): Bare<N> {
  if (Array.isArray(node)) return node.map((n) => withoutSpans(n)) as Bare<N>;
  if (typeof node !== 'object' || node === null) return node as Bare<N>;
  const kept = Object.entries(node).filter(([key, value]) => !/span$/i.test(key) && value !== undefined);
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutSpans(value)])) as Bare<N>;
}

export const statementsOf = (program: Program): readonly BareStatement[] => withoutSpans(program.statements);

const NAMES = [
  'prior',
  'posterior',
  'reward',
  'beta',
  'x',
  'y',
  'score',
  'event',
  'from',
  'as',
  'to',
  'E',
  'P',
  '_a1',
  'order',
];
const NUMBERS = ['0', '1', '0.5', '12', '1e-3', '2.50', '1E6', '007', 'inf'];
const STRINGS = [
  '"a"',
  '"a b"',
  '""',
  '"\\n\\t\\"\\\\"',
  '"é\\u{1F600}"',
  'r"[a-z]+\\d"',
  'r""',
  '"// no comment"',
  '"/* no"',
];

export const nameText = fc.constantFrom(...NAMES);

const STRING_VALUES: Readonly<Record<string, string>> = {
  '"\\n\\t\\"\\\\"': '\n\t"\\',
  '"é\\u{1F600}"': 'é😀',
};

/** What the tree of a string literal holds; the text as written is looked up again by `literalText`. */
function stringNode(text: string): Bare<Extract<Expr, { kind: 'string' }>> {
  const raw = text.startsWith('r');
  return { kind: 'string', value: STRING_VALUES[text] ?? text.slice(raw ? 2 : 1, -1), raw };
}

const stringExpr = fc.constantFrom(...STRINGS).map(stringNode);
const literalText = (value: string, raw: boolean): string =>
  STRINGS.find((s) => s.startsWith('r') === raw && stringNode(s).value === value) ?? JSON.stringify(value);

const LEVELS = {
  given: 0,
  implies: 1,
  or: 2,
  and: 3,
  not: 4,
  comparison: 5,
  sum: 6,
  product: 7,
  unary: 8,
  power: 9,
  postfix: 10,
  primary: 11,
};
const BINARY_LEVEL: Readonly<Record<BinaryOperator, number>> = {
  implies: LEVELS.implies,
  or: LEVELS.or,
  and: LEVELS.and,
  '+': LEVELS.sum,
  '-': LEVELS.sum,
  '*': LEVELS.product,
  '/': LEVELS.product,
  '^': LEVELS.power,
};

function levelOf(expr: BareExpr): number {
  switch (expr.kind) {
    case 'given':
    case 'subjectTo':
    case 'if':
      return LEVELS.given;
    case 'binary':
      return BINARY_LEVEL[expr.op];
    case 'not':
      return LEVELS.not;
    case 'comparison':
      return LEVELS.comparison;
    case 'negate':
      return LEVELS.unary;
    case 'call':
      return LEVELS.postfix;
    default:
      return LEVELS.primary;
  }
}

/** Brackets around an operand that binds looser than its place asks. */
const at = (level: number, expr: BareExpr): BareExpr => (levelOf(expr) < level ? { kind: 'group', inner: expr } : expr);

const binary = (op: BinaryOperator, left: BareExpr, right: BareExpr): BareExpr => {
  const level = BINARY_LEVEL[op];
  if (op === '^') return { kind: 'binary', op, left: at(LEVELS.postfix, left), right: at(LEVELS.unary, right) };
  if (op === 'implies') return { kind: 'binary', op, left: at(level + 1, left), right: at(level, right) };
  return { kind: 'binary', op, left: at(level, left), right: at(level + 1, right) };
};

const OPERATORS: readonly BinaryOperator[] = ['+', '-', '*', '/', '^', 'and', 'or', 'implies'];
const COMPARISONS = ['<', '<=', '>', '>=', '==', '!='] as const;

const { expr } = fc.letrec<{ expr: BareExpr; leaf: BareExpr; node: BareExpr }>((tie) => ({
  leaf: fc.oneof(
    fc
      .constantFrom(...NUMBERS)
      .map((text): BareExpr => ({ kind: 'number', value: Number(text.replace('inf', 'Infinity')), text })),
    stringExpr,
    fc.boolean().map((value): BareExpr => ({ kind: 'boolean', value })),
    nameText.map((name): BareExpr => ({ kind: 'name', name })),
  ),
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.tuple(fc.constantFrom(...OPERATORS), tie('expr'), tie('expr')).map(([op, l, r]) => binary(op, l, r)),
    fc
      .tuple(fc.constantFrom('not', 'negate'), tie('expr'))
      .map(([kind, e]): BareExpr =>
        kind === 'not' ? { kind: 'not', operand: at(LEVELS.not, e) } : { kind: 'negate', operand: at(LEVELS.unary, e) },
      ),
    fc
      .tuple(
        fc.array(fc.constantFrom(...COMPARISONS), { minLength: 1, maxLength: 3 }),
        fc.array(tie('expr'), { minLength: 4, maxLength: 4 }),
      )
      .map(([ops, es]): BareExpr => ({
        kind: 'comparison',
        ops,
        operands: es.slice(0, ops.length + 1).map((e) => at(LEVELS.sum, e)),
      })),
    fc
      .tuple(tie('expr'), fc.array(fc.tuple(fc.option(nameText, { nil: undefined }), tie('expr')), { maxLength: 4 }))
      .map(([callee, args]): BareExpr => ({
        kind: 'call',
        callee: at(LEVELS.postfix, callee),
        args: argumentsOf(args),
      })),
    fc.array(tie('expr'), { maxLength: 5 }).map((items): BareExpr => ({ kind: 'list', items })),
    fc
      .uniqueArray(fc.tuple(fc.oneof(nameText, fc.constantFrom('a b', '^', '$')), fc.boolean(), tie('expr')), {
        maxLength: 4,
        selector: (e) => e[0],
      })
      .map((entries): BareExpr => ({
        kind: 'record',
        entries: entries.map(([key, quoted, value]) => ({ key, quoted: quoted || !NAMES.includes(key), value })),
      })),
    fc
      .tuple(tie('expr'), tie('expr'), tie('expr'))
      .map(([condition, then, otherwise]): BareExpr => ({ kind: 'if', condition, then, else: otherwise })),
    fc
      .array(tie('expr'), { minLength: 2, maxLength: 3 })
      .map((parts): BareExpr => ({ kind: 'given', parts: parts.map((p) => at(LEVELS.implies, p)) })),
    fc
      .tuple(
        tie('expr'),
        fc.array(fc.tuple(fc.constantFrom('E', 'P'), tie('expr'), fc.constantFrom('=', '<=', '>='), tie('expr')), {
          minLength: 1,
          maxLength: 2,
        }),
      )
      .map(([base, moments]): BareExpr => ({
        kind: 'subjectTo',
        base: base.kind === 'given' ? base : at(LEVELS.implies, base),
        moments: moments.map(([functional, of, relation, value]) => ({ functional, of, relation, value }) as const),
      })),
    tie('expr').map((inner): BareExpr => ({ kind: 'group', inner })),
  ),
  expr: fc.oneof({ depthSize: 'small' }, { arbitrary: tie('leaf'), weight: 3 }, { arbitrary: tie('node'), weight: 4 }),
}));

function argumentsOf(
  args: readonly (readonly [string | undefined, BareExpr])[],
): Extract<BareExpr, { kind: 'call' }>['args'] {
  const seen = new Set<string>();
  return args.map(([name, value]) => {
    if (name === undefined || seen.has(name)) return { value };
    seen.add(name);
    return { name: { name }, value };
  });
}

export const exprArbitrary: fc.Arbitrary<BareExpr> = expr;

const identifier = nameText.map((name) => ({ name }));
const range = fc
  .tuple(expr, expr, fc.boolean(), fc.boolean())
  .map(([lo, hi, loOpen, hiOpen]) => ({ lo, hi, loOpen, hiOpen }));
const optional = <V>(arbitrary: fc.Arbitrary<V>): fc.Arbitrary<V | undefined> =>
  fc.option(arbitrary, { nil: undefined });

export const statementArbitrary: fc.Arbitrary<BareStatement> = fc.oneof(
  fc
    .tuple(fc.array(fc.tuple(identifier, optional(identifier)), { minLength: 1, maxLength: 3 }), stringExpr)
    .map(([names, from]): BareStatement => ({
      kind: 'import',
      names: names.map(([imported, as]) => (as ? { imported, as } : { imported })),
      from,
    })),
  fc
    .tuple(fc.constantFrom('score', 'event'), identifier, stringExpr, optional(range))
    .map(([what, name, from, r]): BareStatement => ({ kind: 'extern', what, name, from, ...(r && { range: r }) })),
  fc
    .tuple(identifier, expr, optional(range))
    .map(([name, value, r]): BareStatement => ({ kind: 'param', name, value, ...(r && { range: r }) })),
  fc.tuple(identifier, expr).map(([name, values]): BareStatement => ({ kind: 'context', name, values })),
  {
    arbitrary: fc
      .tuple(identifier, optional(fc.array(identifier, { minLength: 1, maxLength: 3 })), expr)
      .map(([name, parameters, value]): BareStatement => ({
        kind: 'binding',
        name,
        ...(parameters && { parameters }),
        value,
      })),
    weight: 5,
  },
  fc
    .tuple(stringExpr, optional(fc.tuple(fc.array(identifier, { minLength: 1, maxLength: 2 }), optional(expr))), expr)
    .map(([title, forall, body]): BareStatement => ({
      kind: 'property',
      title,
      ...(forall && { forall: { names: forall[0], ...(forall[1] && { in: forall[1] }) } }),
      body,
    })),
);

export const programArbitrary: fc.Arbitrary<readonly BareStatement[]> = fc.array(statementArbitrary, { maxLength: 4 });

/** The tokens of an expression, in order. */
export function exprTokens(e: BareExpr): readonly string[] {
  switch (e.kind) {
    case 'number':
      return [e.text];
    case 'string':
      return [literalText(e.value, e.raw)];
    case 'boolean':
      return [String(e.value)];
    case 'name':
      return [e.name];
    case 'missing':
      return [];
    case 'call':
      return [
        ...exprTokens(e.callee),
        '(',
        ...commas(e.args.map((a) => [...(a.name ? [a.name.name, '='] : []), ...exprTokens(a.value)])),
        ')',
      ];
    case 'list':
      return ['[', ...commas(e.items.map(exprTokens)), ']'];
    case 'record':
      return [
        '{',
        ...commas(e.entries.map((x) => [x.quoted ? JSON.stringify(x.key) : x.key, ':', ...exprTokens(x.value)])),
        '}',
      ];
    case 'negate':
      return ['-', ...exprTokens(e.operand)];
    case 'not':
      return ['not', ...exprTokens(e.operand)];
    case 'binary':
      return [...exprTokens(e.left), e.op, ...exprTokens(e.right)];
    case 'comparison':
      return e.operands.flatMap((o, i) => (i === 0 ? exprTokens(o) : [e.ops[i - 1], ...exprTokens(o)]));
    case 'if':
      return ['if', ...exprTokens(e.condition), 'then', ...exprTokens(e.then), 'else', ...exprTokens(e.else)];
    case 'given':
      return e.parts.flatMap((p, i) => (i === 0 ? exprTokens(p) : ['|', ...exprTokens(p)]));
    case 'subjectTo':
      return [
        ...exprTokens(e.base),
        'subject',
        'to',
        '{',
        ...commas(
          e.moments.map((m) => [m.functional, '(', ...exprTokens(m.of), ')', m.relation, ...exprTokens(m.value)]),
        ),
        '}',
      ];
    case 'group':
      return ['(', ...exprTokens(e.inner), ')'];
    default:
      return e satisfies never;
  }
}

const commas = (parts: readonly (readonly string[])[]): readonly string[] =>
  parts.flatMap((p, i) => (i === 0 ? p : [',', ...p]));

/** The tokens of a statement, in order. */
export function statementTokens(s: BareStatement): readonly string[] {
  switch (s.kind) {
    case 'import':
      return [
        'import',
        '{',
        ...commas(s.names.map((n) => (n.as ? [n.imported.name, 'as', n.as.name] : [n.imported.name]))),
        '}',
        'from',
        ...exprTokens(s.from),
      ];
    case 'extern':
      return ['extern', s.what, s.name.name, 'from', ...exprTokens(s.from), ...rangeTokens(s.range)];
    case 'param':
      return ['param', s.name.name, '=', ...exprTokens(s.value), ...rangeTokens(s.range)];
    case 'context':
      return ['context', s.name.name, 'in', ...exprTokens(s.values)];
    case 'binding':
      return [
        s.name.name,
        ...(s.parameters ? ['(', ...commas(s.parameters.map((p) => [p.name])), ')'] : []),
        '=',
        ...exprTokens(s.value),
      ];
    case 'property': {
      const forall = s.forall
        ? [
            'forall',
            ...commas(s.forall.names.map((n) => [n.name])),
            ...(s.forall.in ? ['in', ...exprTokens(s.forall.in)] : []),
            ':',
          ]
        : [];
      return ['property', ...exprTokens(s.title), ':', ...forall, ...exprTokens(s.body)];
    }
    default:
      return s satisfies never;
  }
}

type BareRange = Extract<BareStatement, { kind: 'param' }>['range'];
const rangeTokens = (r: BareRange): readonly string[] =>
  r === undefined
    ? []
    : ['in', r.loOpen ? '(' : '[', ...exprTokens(r.lo), ',', ...exprTokens(r.hi), r.hiOpen ? ')' : ']'];

const GAPS = [
  ' ',
  ' ',
  ' ',
  '  ',
  '\n',
  '\n\n\n',
  '\t',
  '\r\n',
  ' // line\n',
  '\n// own\n',
  ' /* block */ ',
  '\n/* a\n b */\n',
  '\n/// doc\n',
  ' /// tail\n',
  '\n\n  // two  \n  /* three */ /* four */ ',
  ' /**/',
] as const;

/** Tokens with blanks, line breaks and comments sprinkled anywhere between them. */
export function sprinkled(tokens: readonly string[], gaps: readonly number[]): string {
  const gap = (i: number): string => (gaps.length === 0 ? ' ' : GAPS[gaps[i % gaps.length] % GAPS.length]);
  return tokens.map((t, i) => `${t}${t.startsWith('//') ? '\n' : gap(i)}`).join('');
}

export interface GeneratedProgram {
  readonly statements: readonly BareStatement[];
  readonly text: string;
}

/** A program and one way to write it, comments included. */
export const sourceArbitrary: fc.Arbitrary<GeneratedProgram> = fc
  .tuple(programArbitrary, fc.array(fc.nat({ max: GAPS.length - 1 }), { maxLength: 12 }), fc.boolean())
  .map(([statements, gaps, plain]) => {
    const tokens = statements.map((s) => statementTokens(s));
    const text = plain ? tokens.map((t) => t.join(' ')).join('\n') : sprinkled(tokens.flat(), gaps);
    return { statements, text };
  });
