import { point, type Span } from '@postulate/graph';
import type { Constant } from '../registry/constants.ts';
import type { Parameter, ParameterType } from '../registry/types.ts';
import type { Expr, ExprOf } from '../syntax/ast.ts';
import { type Checker, type Env, error } from './checker.ts';
import { looksLikePath, relocate } from './paths.ts';
import { quote } from './show.ts';
import { describe, ERROR, isConstant, type Value } from './values.ts';

/** A list or record: everything in it must be a constant. */
function constantItem(c: Checker, env: Env, e: Expr, where: string): Constant | undefined {
  const v = c.infer(e, env);
  if (isConstant(v)) return v;
  if (v.kind === 'error') return undefined;
  error(c, env, 'P207', e.span, `${where} holds constants, but ${quote(e, 'this')} is ${describe(v)}`);
  return undefined;
}

export function inferList(c: Checker, env: Env, e: ExprOf<'list'>): Value {
  const items = e.items.map((i) => ({ value: constantItem(c, env, i, 'a list'), span: i.span }));
  const known = items.flatMap((i) => (i.value ? [{ value: i.value, span: i.span }] : []));
  return known.length === items.length ? { kind: 'list', items: known } : ERROR;
}

export function inferRecord(c: Checker, env: Env, e: ExprOf<'record'>): Value {
  const seen = new Set<string>();
  // The parser reports a key that is written twice.
  const entries = e.entries.filter((x) => !seen.has(x.key) && seen.add(x.key));
  const known = entries.flatMap((x) => {
    const value = constantItem(c, env, x.value, 'a record');
    return value ? [{ key: x.key, value, span: x.value.span }] : [];
  });
  return known.length === entries.length ? { kind: 'record', entries: known } : ERROR;
}

const WANTED: Readonly<Partial<Record<ParameterType, string>>> = {
  number: 'a constant number',
  string: 'a string',
  boolean: '`true` or `false`',
  path: 'a string that names a file',
  bundled: 'a string that names a file or something bundled',
  corpus: 'a file or bundled name, or a list of strings',
  model: 'a string that names a model',
  pattern: 'a string with a regular expression',
  strings: 'a list of strings, `wordlist(…)` or `lines(…)`',
  numbers: 'a list of numbers',
  record: 'a record of numbers',
  rows: 'a record of records of numbers',
  lexicon: 'a file name or a record of numbers',
};

const numbersIn = (v: Constant): boolean => v.kind === 'record' && v.entries.every((e) => e.value.kind === 'number');

function fits(type: ParameterType, v: Constant): boolean {
  switch (type) {
    case 'number':
    case 'boolean':
      return v.kind === type;
    case 'string':
      return v.kind === 'string' || v.kind === 'context';
    case 'path':
    case 'bundled':
    case 'model':
    case 'pattern':
      return v.kind === 'string';
    case 'corpus':
      return v.kind === 'string' || fits('strings', v);
    case 'strings':
      return v.kind === 'data' || (v.kind === 'list' && v.items.every((i) => fits('string', i.value)));
    case 'numbers':
      return v.kind === 'list' && v.items.every((i) => i.value.kind === 'number');
    case 'record':
      return numbersIn(v);
    case 'rows':
      return v.kind === 'record' && v.entries.every((e) => numbersIn(e.value));
    case 'lexicon':
      return v.kind === 'string' || numbersIn(v);
    default:
      return false;
  }
}

/** The first entry that does not fit, so that the caret stands under it. */
function culprit(type: ParameterType, v: Constant, span: Span): { readonly span: Span; readonly value: Value } {
  const inner = type === 'rows' ? 'record' : type === 'strings' ? 'string' : 'number';
  const items = v.kind === 'list' ? v.items : v.kind === 'record' ? v.entries : [];
  if (!['rows', 'record', 'lexicon', 'numbers', 'strings'].includes(type)) return { span, value: v };
  const bad = items.find((i) => !fits(inner, i.value));
  return bad ? culprit(inner, bad.value, bad.span) : { span, value: v };
}

function isFile(type: ParameterType, text: string): boolean {
  if (type === 'path' || type === 'lexicon') return true;
  return ['bundled', 'corpus', 'model'].includes(type) && looksLikePath(text, type === 'model');
}

/** Paths in imported files are said from the folder of the main file. */
function located(c: Checker, env: Env, type: ParameterType, v: Constant): Constant {
  if (env.module.main || v.kind !== 'string' || !isFile(type, v.value)) return v;
  return { kind: 'string', value: relocate(v.value, env.module.program.source, c.main.program.source) };
}

/** The constant that a parameter takes, or undefined with the reason reported. */
export function constantArgument(c: Checker, env: Env, callee: string, p: Parameter, e: Expr): Constant | undefined {
  const v = c.infer(e, env);
  if (v.kind === 'error') return undefined;
  if (!isConstant(v) || !fits(p.type, v)) {
    const where = isConstant(v) ? culprit(p.type, v, e.span) : { span: e.span, value: v };
    const code = v.kind === 'score' || v.kind === 'observed' || v.kind === 'text' ? 'P207' : 'P200';
    const message = `\`${p.name}\` of \`${callee}\` takes ${WANTED[p.type]}, found ${describe(where.value)}`;
    error(c, env, code, where.span, message);
    return undefined;
  }
  const wrong = p.accepts?.(v);
  if (wrong !== undefined) {
    error(c, env, 'P307', e.span, `\`${p.name}\` of \`${callee}\` ${wrong}`);
    return undefined;
  }
  return located(c, env, p.type, v);
}

/** The constant that stands for a parameter that is left out. */
export function defaultConstant(p: Parameter): Constant | undefined {
  const value = p.default;
  if (value === undefined) return undefined;
  if (typeof value === 'number') return { kind: 'number', value, range: point(value) };
  return typeof value === 'string' ? { kind: 'string', value } : { kind: 'boolean', value };
}
