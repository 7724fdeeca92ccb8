import { builtinNamed, builtins } from '../registry/index.ts';
import type { Statement } from '../syntax/ast.ts';
import { definesName, isFunction, type Entity, type Module } from './entities.ts';
import type { Report } from './report.ts';
import { nearest, type Candidate } from '@postulate/graph';
import { ERROR } from './values.ts';
import { expressionsOf } from '../syntax/children.ts';
import { namesIn, type NameUse } from './walk.ts';

function localsOf(s: Statement): readonly string[] {
  if (s.kind === 'binding') return s.parameters?.map((p) => p.name) ?? [];
  if (s.kind === 'property') return s.forall?.names.map((n) => n.name) ?? [];
  return [];
}

function* candidates(module: Module, locals: readonly string[], use: NameUse): Iterable<Candidate> {
  for (const name of locals) yield { name, fits: !use.called };
  for (const [name, entity] of module.scope)
    yield { name, fits: entity !== undefined && isFunction(entity) === use.called };
  for (const b of builtins) yield { name: b.name, fits: (b.form === 'function') === use.called };
}

/** Names compared before suggestions are given up: hopeless files stay fast. */
const COMPARISONS = 1_000_000;

interface Suggestions {
  left: number;
}

function unknown(report: Report, module: Module, locals: readonly string[], use: NameUse, s: Suggestions): void {
  s.left -= module.scope.size;
  const close = s.left < 0 ? undefined : nearest(use.name, candidates(module, locals, use));
  const message = `\`${use.name}\` is not defined`;
  if (close === undefined) {
    report.error('P100', use.at.span, message, { help: 'define it in this file, or import it' });
    return;
  }
  const fix = { title: `replace with \`${close}\``, edits: [{ span: use.at.span, newText: close }] };
  report.error('P100', use.at.span, message, { help: `did you mean \`${close}\`?`, fix });
}

function repeatedLocals(report: Report, s: Statement): void {
  const names = s.kind === 'binding' ? (s.parameters ?? []) : s.kind === 'property' ? (s.forall?.names ?? []) : [];
  const seen = new Set<string>();
  for (const { name, span } of names) {
    if (seen.has(name)) report.error('P101', span, `\`${name}\` is listed twice`);
    seen.add(name);
  }
}

/** Finds what each definition refers to; reports names that are nowhere. Returns the entities used by main's statements. */
export function resolveNames(modules: readonly Module[], report: Report): ReadonlySet<Entity> {
  const used = new Set<Entity>();
  const suggestions: Suggestions = { left: COMPARISONS };
  for (const module of modules) {
    for (const statement of module.program.statements) {
      repeatedLocals(report, statement);
      const own = definesName(statement) ? module.scope.get(statement.name.name) : undefined;
      const locals = localsOf(statement);
      for (const use of expressionsOf(statement).flatMap(namesIn)) {
        if (locals.includes(use.name)) continue;
        const entity = module.scope.get(use.name);
        if (entity) {
          if (own?.definition === statement) own.uses.add(entity);
          if (module.main) used.add(entity);
        } else if (!module.scope.has(use.name) && !builtinNamed(use.name))
          unknown(report, module, locals, use, suggestions);
      }
    }
  }
  return used;
}

interface Frame {
  readonly entity: Entity;
  readonly rest: Entity[];
}

/** Names of a cycle that a message lists. */
const CYCLE_SHOWN = 8;

function reportCycle(report: Report, cycle: readonly Entity[]): void {
  const [first] = cycle;
  const listed = cycle.length > CYCLE_SHOWN ? [...cycle.slice(0, CYCLE_SHOWN - 1), cycle[cycle.length - 1]] : cycle;
  const names = listed.map((e) => e.name);
  if (listed !== cycle) names.splice(CYCLE_SHOWN - 1, 0, '…');
  names.push(first.name);
  const related = listed.slice(1).map((e) => ({ span: e.definition.name.span, message: `through \`${e.name}\`` }));
  const what = isFunction(first) ? 'functions may not be recursive' : 'a value may not depend on itself';
  report.error('P102', first.definition.name.span, `\`${first.name}\` is defined by itself: ${names.join(' → ')}`, {
    related,
    help: what,
  });
}

/** The entity on top refers to one further down. Once either is known to be on a cycle, more of it says nothing new. */
function closeCycle(report: Report, stack: readonly Frame[], down: Entity): void {
  const top = stack[stack.length - 1].entity;
  if (top.value === undefined && down.value === undefined) {
    const cycle = stack.slice(stack.findIndex((f) => f.entity === down)).map((f) => f.entity);
    reportCycle(report, cycle);
    for (const e of cycle) e.value = ERROR;
  }
  top.value = ERROR;
  down.value = ERROR;
}

/**
 * Every entity after what it refers to. Entities on a cycle are reported, get the error value and no longer
 * count as referring to each other. Depth-first without recursion: chains may be as long as the file.
 */
export function inDependencyOrder(modules: readonly Module[], report: Report): readonly Entity[] {
  const order: Entity[] = [];
  const state = new Map<Entity, 'open' | 'done'>();
  const stack: Frame[] = [];
  const open = (entity: Entity): void => {
    state.set(entity, 'open');
    stack.push({ entity, rest: [...entity.uses].reverse() });
  };
  for (const root of modules.flatMap((m) => m.entities)) {
    if (!state.has(root)) open(root);
    while (stack.length > 0) {
      const { entity, rest } = stack[stack.length - 1];
      const next = rest.pop();
      if (next === undefined) {
        stack.pop();
        state.set(entity, 'done');
        order.push(entity);
      } else if (!state.has(next)) open(next);
      else if (state.get(next) === 'open') {
        closeCycle(report, stack, next);
      }
    }
  }
  return order;
}
