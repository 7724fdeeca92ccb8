import type { Argument, DiagnosticCode, RelatedPlace, Span } from '@postulate/graph';
import type { Expr } from '../syntax/ast.ts';
import type { Entity, Module } from './entities.ts';
import type { More, Report } from './report.ts';
import type { Terms } from './terms.ts';
import type { Value } from './values.ts';

/** Where an expression stands. */
export interface Env {
  readonly module: Module;
  /** Arguments of the function being expanded, or the texts of a `forall`. */
  readonly locals: ReadonlyMap<string, Value>;
  readonly inProperty: boolean;
  /** Inside the argument of `exp`, as written. */
  readonly insideExp: boolean;
  /** The calls being expanded, outermost first. */
  readonly calls: readonly { readonly entity: Entity; readonly span: Span }[];
}

/** What all parts of the checker share. */
export interface Checker {
  readonly main: Module;
  readonly terms: Terms;
  readonly report: Report;
  /** Function calls already expanded, by function and arguments. */
  readonly expanded: Map<Entity, Map<string, Value>>;
  /** Expressions that may still be visited inside function bodies for this definition; has the limit been reported. */
  readonly budget: { steps: number; spent: boolean };
  /** The strings that each context runs over. */
  readonly contexts: Map<Entity, Argument>;
  infer(e: Expr, env: Env): Value;
}

export const topLevel = (module: Module): Env => ({
  module,
  locals: new Map(),
  inProperty: false,
  insideExp: false,
  calls: [],
});

/** How many calls a message names before it stops. */
const CALLS_SHOWN = 3;

function callPlaces(env: Env): readonly RelatedPlace[] {
  return env.calls
    .slice(-CALLS_SHOWN)
    .reverse()
    .map((call) => ({ span: call.span, message: `\`${call.entity.name}\` is called here` }));
}

export function error(c: Checker, env: Env, code: DiagnosticCode, span: Span, message: string, more?: More): Value {
  c.report.error(code, span, message, { ...more, related: [...(more?.related ?? []), ...callPlaces(env)] });
  return { kind: 'error' };
}

export function warning(c: Checker, env: Env, code: DiagnosticCode, span: Span, message: string, more?: More): void {
  if (!env.module.main) return;
  c.report.warning(code, span, message, { ...more, related: [...(more?.related ?? []), ...callPlaces(env)] });
}
