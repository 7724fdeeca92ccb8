import { type Arguments, featureRange, type Span } from '@postulate/graph';
import { type Constant, toArgument } from '../registry/constants.ts';
import type { Builtin, Parameter } from '../registry/types.ts';
import type { ExprOf } from '../syntax/ast.ts';
import { type Matched } from './arguments.ts';
import { type Checker, type Env, error } from './checker.ts';
import { constantArgument, defaultConstant } from './constants.ts';
import { ERROR, type TextShape, type Value } from './values.ts';

interface Given {
  readonly value: Constant;
  readonly span: Span;
}

/** A sentence of the reference as a hint among others. */
const asHelp = (doc: string): string => doc.charAt(0).toLowerCase() + doc.slice(1).replace(/\.$/, '');

/** Reports a required parameter that has no argument. */
export function missing(c: Checker, env: Env, b: Builtin, p: Parameter, call: ExprOf<'call'>): void {
  if (p.missing === 'P507') {
    const message = `\`${b.name}\` has no bound on the length of its texts: \`${p.name}\` is missing`;
    const at = { ...call.span, start: call.span.end - 1, end: call.span.end - 1 };
    const title = `add \`${p.name} = 20\``;
    const comma = call.args.length > 0 ? ', ' : '';
    error(c, env, 'P507', call.span, message, {
      help: title,
      fix: { title, edits: [{ span: at, newText: `${comma}${p.name} = 20` }] },
    });
    return;
  }
  error(c, env, p.missing ?? 'P201', call.span, `\`${b.name}\` needs \`${p.name}\``, { help: asHelp(p.doc) });
}

/** Left out of the graph where it changes nothing, so that equal models have equal hashes. */
function neutral(b: Builtin, p: Parameter, v: Constant): boolean {
  if (b.name === 'tabular' && p.name === 'max_tokens') return true;
  return (p.name === 'temperature' || p.name === 'top_p') && v.kind === 'number' && v.value === 1;
}

function constants(
  c: Checker,
  env: Env,
  b: Builtin,
  matched: Matched,
  call: ExprOf<'call'>,
): Map<string, Given> | undefined {
  const given = new Map<string, Given>();
  let good = true;
  for (const p of b.parameters) {
    const argument = matched.get(p.name)?.[0];
    const value = argument ? constantArgument(c, env, b.name, p, argument.value) : defaultConstant(p);
    if (value) given.set(p.name, { value, span: argument?.value.span ?? call.span });
    else if (argument) good = false;
    else if (!p.optional) {
      missing(c, env, b, p, call);
      good = false;
    }
  }
  for (const problem of b.validate?.(given) ?? []) {
    error(
      c,
      env,
      problem.code,
      problem.span,
      problem.message,
      problem.help === undefined ? {} : { help: problem.help },
    );
    good = false;
  }
  return good ? given : undefined;
}

function argumentsOf(b: Builtin, given: ReadonlyMap<string, Given>): Arguments {
  const kept = b.parameters.flatMap((p) => {
    const g = given.get(p.name);
    return g && !neutral(b, p, g.value) ? [[p.name, toArgument(g.value)] as const] : [];
  });
  return Object.fromEntries(kept);
}

const numberIn = (g: Given | undefined): number | undefined => (g?.value.kind === 'number' ? g.value.value : undefined);
const stringIn = (g: Given | undefined): string | undefined => (g?.value.kind === 'string' ? g.value.value : undefined);

function bigramTokens(rows: Given | undefined): ReadonlySet<string> | undefined {
  if (rows?.value.kind !== 'record') return undefined;
  const tokens = new Set<string>();
  for (const { key, value } of rows.value.entries) {
    tokens.add(key);
    if (value.kind === 'record') for (const e of value.entries) tokens.add(e.key);
  }
  tokens.delete('^');
  tokens.delete('$');
  return tokens;
}

function shapeOf(name: string, given: ReadonlyMap<string, Given>): TextShape {
  const maxTokens = numberIn(given.get('max_tokens'));
  switch (name) {
    case 'tabular': {
      const weights = given.get('weights')?.value;
      const tokens = new Set(weights?.kind === 'record' ? weights.entries.map((e) => e.key) : []);
      return { family: 'tabular', tokens };
    }
    case 'bigram':
      return {
        family: 'table',
        maxTokens,
        separator: stringIn(given.get('separator')),
        tokens: bigramTokens(given.get('rows')),
      };
    case 'ngram':
      return { family: 'table', maxTokens, separator: stringIn(given.get('level')) === 'char' ? '' : ' ' };
    case 'arpa':
      return { family: 'table', maxTokens, separator: stringIn(given.get('separator')) };
    case 'lm':
      return { family: 'neural', maxTokens };
    default:
      return { family: 'unknown', maxTokens };
  }
}

function dataSource(name: string): 'wordlist' | 'lines' | 'corpus' | undefined {
  return name === 'wordlist' || name === 'lines' || name === 'corpus' ? name : undefined;
}

/** A builtin whose arguments are all constants: a prior, a feature, a test of the text, or data. */
export function inferLeaf(c: Checker, env: Env, b: Builtin, matched: Matched, call: ExprOf<'call'>): Value {
  const given = constants(c, env, b, matched, call);
  if (!given) return ERROR;
  const source = dataSource(b.name);
  if (source) return { kind: 'data', source, name: stringIn([...given.values()][0]) ?? '' };
  const args = argumentsOf(b, given);
  if (b.family === 'priors') {
    const term = c.terms.add({ kind: 'prior', name: b.name, args }, 'distribution', call.span);
    return { kind: 'distribution', term, shape: shapeOf(b.name, given), normalised: true, trivial: true };
  }
  return b.family === 'events' ? testOf(c, b, args, call.span) : featureOf(c, b, args, call.span);
}

function featureOf(c: Checker, b: Builtin, args: Arguments, span: Span): Value {
  const term = c.terms.add({ kind: 'feature', name: b.name, args }, 'score', span);
  return { kind: 'score', term, range: featureRange(b.name, args) };
}

function testOf(c: Checker, b: Builtin, args: Arguments, span: Span): Value {
  return { kind: 'event', term: c.terms.add({ kind: 'test', name: b.name, args }, 'event', span) };
}

/** `length`, `finished`, …: builtins that are written without parentheses. */
export function inferBareBuiltin(c: Checker, b: Builtin, span: Span): Value {
  return b.family === 'events' ? testOf(c, b, {}, span) : featureOf(c, b, {}, span);
}
