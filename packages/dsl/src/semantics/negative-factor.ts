import type { Expr } from '../syntax/ast.ts';
import { type Checker, type Env, error } from './checker.ts';
import { callFix } from './lift.ts';
import { quote, show, strip } from './show.ts';
import { liesIn, type ScoreValue } from './values.ts';

/** A factor that may be negative: says where it lies and what the author may have meant. */
export function negativeFactor(c: Checker, env: Env, factor: ScoreValue, e: Expr): void {
  const text = show(strip(e)) ?? '…';
  const message = `a factor must be provably at least 0, but ${quote(e, 'this')} ${liesIn(factor.range)}`;
  const help = `to favour high values write \`exp(${text})\`, to condition write \`indicator(${text} > 0)\``;
  const { fix } = callFix('exp', e);
  error(c, env, 'P203', e.span, message, fix ? { help, fix } : { help });
}
