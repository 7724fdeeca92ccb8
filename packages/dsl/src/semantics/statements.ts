import { type Property, range, type Span } from '@postulate/graph';
import { toArgument } from '../registry/constants.ts';
import type { StatementOf } from '../syntax/ast.ts';
import { type Checker, type Env, error, topLevel, warning } from './checker.ts';
import type { Entity } from './entities.ts';
import { checkParam, declaredRange, type Settings } from './params.ts';
import { claimOf } from './lift.ts';
import { relocate } from './paths.ts';
import { quote } from './show.ts';
import type { TermId } from './terms.ts';
import { describe, ERROR, type Value } from './values.ts';

/** Without a declared range an extern score may be anything but NaN and +∞. */
const ANY_SCORE = range(-Infinity, Infinity, false, true);

const MODULE = /\.(js|mjs|ts)$/;

function checkExtern(c: Checker, env: Env, s: StatementOf<'extern'>): Value {
  const { name } = s.name;
  const { value: path } = s.from;
  if (path !== '' && !MODULE.test(path)) {
    error(c, env, 'P505', s.from.span, `an extern is an export of a .js, .mjs or .ts module, found "${path}"`);
  }
  const from = env.module;
  const module = from.main ? path : relocate(path, from.program.source, c.main.program.source);
  if (s.what === 'event') {
    if (s.range) {
      error(c, env, 'P306', s.range.span, `\`${name}\` is an event: it holds or not, and has no range`, {
        help: 'leave the range out, or declare an `extern score`',
      });
    }
    return { kind: 'event', term: c.terms.add({ kind: 'externEvent', name, module }, 'event', s.span) };
  }
  const declared = s.range ? declaredRange(c, env, s.range) : ANY_SCORE;
  if (!declared) return ERROR;
  const term = c.terms.add({ kind: 'externScore', name, module }, 'score', s.span, declared);
  return { kind: 'score', term, range: declared };
}

function checkContext(c: Checker, env: Env, entity: Entity, s: StatementOf<'context'>): Value {
  const v = c.infer(s.values, env);
  if (v.kind === 'error') return ERROR;
  const strings = v.kind === 'list' && v.items.every((i) => i.value.kind === 'string');
  if (v.kind !== 'data' && !(v.kind === 'list' && strings)) {
    const message = `a context runs over strings, but ${quote(s.values, 'this')} is ${describe(v)}`;
    return error(c, env, 'P200', s.values.span, message, { help: 'write `["…", "…"]` or `lines("file.txt")`' });
  }
  if (v.kind === 'list' && v.items.length === 0) {
    return error(c, env, 'P307', s.values.span, 'a context needs at least one string');
  }
  c.contexts.set(entity, toArgument(v));
  return { kind: 'context', name: s.name.name };
}

function equalsPrior(c: Checker, env: Env, entity: Entity, v: Value): void {
  if (v.kind !== 'distribution' || !v.trivial || c.terms.list[v.term].kind !== 'times') return;
  const message = `\`${entity.name}\` equals its prior: its factors are the same constant for every text`;
  warning(c, env, 'P402', entity.definition.name.span, message, { help: 'does a factor lack its reward or event?' });
}

function checkBinding(c: Checker, env: Env, entity: Entity, s: StatementOf<'binding'>): Value {
  const v = c.infer(s.value, env);
  if ('term' in v) c.terms.label(v.term, entity.name);
  equalsPrior(c, env, entity, v);
  return v;
}

function valueOf(c: Checker, entity: Entity, settings: Settings): Value {
  const env = topLevel(entity.module);
  const s = entity.definition;
  switch (s.kind) {
    case 'param':
      return checkParam(c, env, s, settings.get(entity));
    case 'extern': {
      const v = checkExtern(c, env, s);
      if ('term' in v) c.terms.label(v.term, entity.name);
      return v;
    }
    case 'context':
      return checkContext(c, env, entity, s);
    case 'binding':
      return checkBinding(c, env, entity, s);
    default:
      return s satisfies never;
  }
}

/** The stack is finite: what nests too deeply for it is an error like any other. */
function guarded(c: Checker, env: Env, span: Span, work: () => Value): Value {
  try {
    return work();
  } catch (e) {
    if (!(e instanceof RangeError)) throw e;
    return error(c, env, 'P004', span, 'this nests too deeply', { help: 'give inner parts names of their own' });
  }
}

/** Checks what defines an entity. */
export function checkEntity(c: Checker, entity: Entity, settings: Settings): Value {
  const env = topLevel(entity.module);
  return guarded(c, env, entity.definition.name.span, () => valueOf(c, entity, settings));
}

/** A property speaks of texts and distributions and is true or false. */
export function checkProperty(c: Checker, s: StatementOf<'property'>): Property<TermId> | undefined {
  const env = topLevel(c.main);
  const texts = s.forall?.names.map((n): [string, Value] => [n.name, { kind: 'text', name: n.name }]) ?? [];
  const inside: Env = { ...env, locals: new Map(texts), inProperty: true };
  const domain = s.forall?.in;
  const d = domain && c.infer(domain, inside);
  if (domain && d && d.kind !== 'distribution' && d.kind !== 'error') {
    const message = `\`forall … in\` takes a distribution, but ${quote(domain, 'this')} is ${describe(d)}`;
    error(c, env, 'P200', domain.span, message);
  }
  const v = guarded(c, env, s.title.span, () => c.infer(s.body, inside));
  const truth = v.kind === 'boolean' || (v.kind === 'observed' && v.of === 'boolean');
  if (truth) {
    const over = d?.kind === 'distribution' ? { in: d.term } : {};
    const forall = s.forall && { texts: s.forall.names.map((n) => n.name), ...over };
    return { name: s.title.value, span: s.span, ...(forall ? { forall } : {}), claim: claimOf(v) };
  }
  if (v.kind === 'error') return undefined;
  const help =
    v.kind === 'event' ? 'apply it to a text (`forall x: e(x)`) or take `P(e | d)`' : 'compare it with something';
  error(c, env, 'P200', s.body.span, `a property is true or false, but this is ${describe(v)}`, { help });
  return undefined;
}
