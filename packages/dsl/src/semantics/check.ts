import type { Argument, Diagnostic, Property } from '@postulate/graph';
import type { Program } from '../syntax/ast.ts';
import { type Checker, topLevel, warning } from './checker.ts';
import { type Entity, isFunction, type Module } from './entities.ts';
import { inferExpr } from './infer.ts';
import { loadModules, type SourceHost } from './modules.ts';
import { inDependencyOrder, resolveNames } from './names.ts';
import { settingsOf } from './params.ts';
import { createReport, inOrder } from './report.ts';
import { checkEntity, checkProperty } from './statements.ts';
import { createTerms, type Term, type TermId } from './terms.ts';

/** A checked file: every name has its type and range, every expression is elaborated into terms. */
export interface TypedProgram {
  readonly main: Module;
  /** Imported files before those that import them. */
  readonly modules: readonly Module[];
  readonly terms: readonly Term[];
  /** What the properties say, those without errors. */
  readonly properties: readonly Property<TermId>[];
  /** The strings that each context runs over. */
  readonly contexts: ReadonlyMap<Entity, Argument>;
  /** The values of params this was checked with. */
  readonly set: Readonly<Record<string, number>>;
  readonly host: SourceHost | undefined;
  /** Text of every imported file. */
  readonly sources: ReadonlyMap<string, string>;
}

export interface Typed {
  /** Always there; where something is wrong, what depends on it has the error type. */
  readonly typed: TypedProgram;
  readonly diagnostics: readonly Diagnostic[];
}

/** Expressions visited inside function bodies, for one definition, before expansion is given up. */
const BUDGET = 100_000;

function unusedParams(c: Checker, used: ReadonlySet<Entity>): void {
  for (const entity of c.main.entities) {
    if (entity.definition.kind !== 'param' || used.has(entity)) continue;
    const { span } = entity.definition.name;
    const message = `the param \`${entity.name}\` is never used`;
    const title = `remove \`${entity.name}\``;
    const fix = { title, edits: [{ span: entity.definition.span, newText: '' }] };
    warning(c, topLevel(c.main), 'P106', span, message, { fix });
  }
}

/**
 * Names, types and ranges of a program and of all it imports. `set` gives params other values than their defaults.
 * Reports everything that is wrong, each cause once.
 */
export function check(program: Program, host?: SourceHost, set: Readonly<Record<string, number>> = {}): Typed {
  const report = createReport();
  const { modules, sources } = loadModules(program, host, report);
  const main = modules[modules.length - 1];
  const terms = createTerms();
  const c: Checker = {
    main,
    terms,
    report,
    expanded: new Map(),
    contexts: new Map(),
    budget: { steps: BUDGET, spent: false },
    infer: (e, env) => inferExpr(c, e, env),
  };
  const settings = settingsOf(main, set, report);
  const used = resolveNames(modules, report);
  for (const entity of inDependencyOrder(modules, report)) {
    c.budget.steps = BUDGET;
    if (!isFunction(entity)) entity.value ??= checkEntity(c, entity, settings);
  }
  const properties = program.statements.flatMap((s): readonly Property<TermId>[] => {
    c.budget.steps = BUDGET;
    const property = s.kind === 'property' ? checkProperty(c, s) : undefined;
    return property ? [property] : [];
  });
  unusedParams(c, used);
  const order = [program.source, ...sources.keys()];
  const { contexts } = c;
  const typed: TypedProgram = { main, modules, terms: terms.list, properties, contexts, set, host, sources };
  return { typed, diagnostics: inOrder(report.diagnostics, order) };
}
