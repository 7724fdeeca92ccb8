import { contains, formatRange, isEmpty, nearest, point, type Range, range } from '@postulate/graph';
import type { RangeExpr, StatementOf } from '../syntax/ast.ts';
import { type Checker, type Env, error } from './checker.ts';
import type { Entity, Module } from './entities.ts';
import type { Report } from './report.ts';
import { quote } from './show.ts';
import { describe, ERROR, type Value } from './values.ts';

/** Values given from outside, by the entity they are for. */
export type Settings = ReadonlyMap<Entity, number>;

/** Finds the params that `--set` names; what is not one is P305. */
export function settingsOf(main: Module, set: Readonly<Record<string, number>>, report: Report): Settings {
  const settings = new Map<Entity, number>();
  const params = [...main.scope].flatMap(([name, e]) => (e?.definition.kind === 'param' ? [name] : []));
  for (const [name, value] of Object.entries(set)) {
    const entity = main.scope.get(name);
    if (entity?.definition.kind === 'param') {
      settings.set(entity, value);
      continue;
    }
    const close = nearest(
      name,
      params.map((n) => ({ name: n, fits: true })),
    );
    const known = params.length > 0 ? `its params are ${params.map((n) => `\`${n}\``).join(', ')}` : 'it has no params';
    const message = entity ? `\`${name}\` cannot be set: it is not a param` : `there is no param \`${name}\` to set`;
    report.error('P305', undefined, message, { help: close ? `did you mean \`${close}\`?` : known });
  }
  return settings;
}

function rangeEnd(c: Checker, env: Env, e: RangeExpr['lo']): number | undefined {
  const v = c.infer(e, env);
  if (v.kind === 'number') return v.value;
  if (v.kind === 'error') return undefined;
  const code = v.kind === 'score' ? 'P207' : 'P200';
  error(c, env, code, e.span, `the end of a range is a constant number, but ${quote(e, 'this')} is ${describe(v)}`);
  return undefined;
}

/** A range as written; computed ends count as their value. */
export function declaredRange(c: Checker, env: Env, e: RangeExpr): Range | undefined {
  const lo = rangeEnd(c, env, e.lo);
  const hi = rangeEnd(c, env, e.hi);
  if (lo === undefined || hi === undefined) return undefined;
  const declared = range(lo, hi, e.loOpen, e.hiOpen);
  if (!isEmpty(declared)) return declared;
  error(c, env, 'P306', e.span, `the range ${formatRange(declared)} is empty`, {
    help: 'write the smaller end first; an open end is not part of the range',
  });
  return undefined;
}

/** A number and where it may lie. Without a declared range a param counts as just its value. */
export function checkParam(c: Checker, env: Env, s: StatementOf<'param'>, setting: number | undefined): Value {
  const v = c.infer(s.value, env);
  const declared = s.range && declaredRange(c, env, s.range);
  if (v.kind === 'error' || (s.range && !declared)) return ERROR;
  if (v.kind !== 'number') {
    const code = v.kind === 'score' ? 'P207' : 'P200';
    return error(
      c,
      env,
      code,
      s.value.span,
      `a param is a constant number, but ${quote(s.value, 'this')} is ${describe(v)}`,
    );
  }
  const { name } = s.name;
  if (declared && !contains(declared, v.value)) {
    const message = `the default of \`${name}\`, ${v.value}, lies outside ${formatRange(declared)}`;
    const related = s.range ? [{ span: s.range.span, message: 'the range is declared here' }] : [];
    return error(c, env, 'P300', s.value.span, message, { related });
  }
  const value = setting ?? v.value;
  if (Number.isNaN(value) || (declared && !contains(declared, value))) {
    const where = declared ? ` lies outside its range ${formatRange(declared)}` : ' is not a number';
    return error(c, env, 'P300', s.range?.span ?? s.name.span, `\`${name}\` is set to ${value}, which${where}`);
  }
  return { kind: 'number', value, range: declared ?? point(value), param: name };
}
