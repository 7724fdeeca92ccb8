import { formatRange, isNonNegative } from '@postulate/graph';
import type { Expr } from '../syntax/ast.ts';
import { type Checker, type Env, error } from './checker.ts';
import type { Numeric } from './lift.ts';
import { wrapFix, type More } from './report.ts';
import { quote, show, strip } from './show.ts';
import type { Value } from './values.ts';

/** The range that opens the end at 0 of a param, as an edit, where `e` is just that param. */
function openParam(env: Env, e: Expr): More | undefined {
  const inner = strip(e);
  const definition = inner.kind === 'name' ? env.module.scope.get(inner.name)?.definition : undefined;
  if (definition?.kind !== 'param') return undefined;
  const range = definition.range;
  const { name } = definition.name;
  if (!range) return { help: `declare where \`${name}\` lies: \`param ${name} = … in (0, inf)\`` };
  const zero = strip(range.lo);
  if (zero.kind !== 'number' || zero.value !== 0 || range.loOpen) {
    return { help: `give \`${name}\` a range without 0, such as (0, inf)` };
  }
  const title = `leave 0 out of the range of \`${name}\``;
  const span = { ...range.span, end: range.span.start + 1 };
  return { help: title, fix: { title, edits: [{ span, newText: '(' }] } };
}

/** Reports a divisor that is 0 or may be. */
export function divisorMayBeZero(c: Checker, env: Env, divisor: Numeric, e: Expr): Value {
  const opened = openParam(env, e);
  if (divisor.kind === 'number' && divisor.value === 0) {
    return error(
      c,
      env,
      'P301',
      e.span,
      strip(e).kind === 'number' ? 'division by 0' : `division by ${quote(e, 'a constant')}, which is 0`,
      {
        help: opened?.help ?? 'a temperature is greater than 0',
        fix: opened?.fix,
      },
    );
  }
  const range = formatRange(divisor.range);
  const message = `the divisor ${quote(e, '')} may be 0: its values lie in ${range}`.replace(
    'divisor  may',
    'divisor may',
  );
  if (opened) return error(c, env, 'P204', e.span, message, opened);
  if (!isNonNegative(divisor.range)) {
    return error(c, env, 'P204', e.span, message, { help: 'keep it away from 0, for example with `max(s, 1)`' });
  }
  const title = `write \`max(${show(strip(e)) ?? '…'}, 1)\``;
  const [before, after] = ['max(', ', 1)'];
  return error(c, env, 'P204', e.span, message, { help: title, fix: wrapFix(title, e.span, before, after) });
}
