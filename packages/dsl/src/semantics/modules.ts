import { nearest, PostError, type Span } from '@postulate/graph';
import { builtinNamed } from '../registry/index.ts';
import type { Program, StatementOf } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { definesName, type Entity, type Module } from './entities.ts';
import type { Report } from './report.ts';

/** Reads what a file imports. Both throw on failure; `resolve` gives one name to one file. */
export interface SourceHost {
  resolve(from: string, path: string): string;
  read(path: string): string;
}

interface Loader {
  readonly host: SourceHost | undefined;
  readonly report: Report;
  readonly modules: Module[];
  readonly byKey: Map<string, Module>;
  readonly sources: Map<string, string>;
  /** Files whose imports are being read, outermost first. */
  readonly path: string[];
}

export interface Loaded {
  /** Imported files before those that import them; the main file last. */
  readonly modules: readonly Module[];
  readonly sources: ReadonlyMap<string, string>;
}

function reason(e: unknown): string {
  if (e instanceof PostError) return e.diagnostics[0].message;
  return e instanceof Error ? e.message : String(e);
}

function declare(loader: Loader, module: Module, name: string, span: Span, entity: Entity | undefined): boolean {
  if (module.scope.has(name)) {
    const first = module.scope.get(name)?.definition.name.span;
    const related = first && first.source === span.source ? [{ span: first, message: 'first defined here' }] : [];
    const message = `\`${name}\` is defined twice`;
    loader.report.error('P101', span, message, { related, help: 'give one of the two another name' });
    return false;
  }
  module.scope.set(name, entity);
  if (module.main && builtinNamed(name)) {
    const message = `\`${name}\` hides the builtin of that name in this file`;
    loader.report.warning('P103', span, message, { help: 'use another name if you need the builtin too' });
  }
  return true;
}

function define(loader: Loader, module: Module): void {
  for (const statement of module.program.statements) {
    if (!definesName(statement)) continue;
    const { name, span } = statement.name;
    const entity: Entity = { name, definition: statement, module, uses: new Set(), value: undefined };
    if (name !== '' && declare(loader, module, name, span, entity)) module.entities.push(entity);
  }
}

function importNames(loader: Loader, module: Module, s: StatementOf<'import'>, from: Module | undefined): void {
  for (const item of s.names) {
    const { name, span } = item.imported;
    const found = from?.scope.get(name);
    if (from && !from.scope.has(name)) {
      const close = nearest(
        name,
        [...from.scope.keys()].map((n) => ({ name: n, fits: true })),
      );
      const fix =
        close === undefined ? undefined : { title: `replace with \`${close}\``, edits: [{ span, newText: close }] };
      const message = `"${s.from.value}" defines no \`${name}\``;
      loader.report.error(
        'P100',
        span,
        message,
        close === undefined ? {} : { help: `did you mean \`${close}\`?`, fix },
      );
    }
    const local = item.as ?? item.imported;
    if (local.name !== '') declare(loader, module, local.name, local.span, found);
  }
}

/** The file an import names, read and parsed; `undefined` where that fails, with the reason reported. */
function target(loader: Loader, module: Module, s: StatementOf<'import'>): Module | undefined {
  const { host, report } = loader;
  const path = s.from.value;
  if (!host) {
    report.error('P104', s.from.span, `cannot import "${path}": this text has no file beside it`);
    return undefined;
  }
  let key: string;
  try {
    key = host.resolve(module.program.source, path);
  } catch (e) {
    report.error('P104', s.from.span, `cannot import "${path}": ${reason(e)}`);
    return undefined;
  }
  const start = loader.path.indexOf(key);
  if (start !== -1) {
    const cycle = [...loader.path.slice(start), key].join(' → ');
    report.error('P105', s.from.span, `files import each other: ${cycle}`, {
      help: 'move what both need into a third file',
    });
    return undefined;
  }
  const known = loader.byKey.get(key);
  if (known) return known;
  try {
    return read(loader, key, host.read(key));
  } catch (e) {
    report.error('P104', s.from.span, `cannot import "${path}": ${reason(e)}`);
    return undefined;
  }
}

function read(loader: Loader, key: string, text: string): Module {
  const parsed = parse(text, key);
  loader.sources.set(key, text);
  for (const d of parsed.diagnostics) if (d.severity === 'error') loader.report.error(d.code, d.span, d.message, d);
  return enter(loader, key, parsed.program, false);
}

function enter(loader: Loader, key: string, program: Program, main: boolean): Module {
  const module: Module = { key, program, main, entities: [], scope: new Map() };
  loader.byKey.set(key, module);
  loader.path.push(key);
  for (const statement of program.statements) {
    if (statement.kind === 'import') importNames(loader, module, statement, target(loader, module, statement));
  }
  loader.path.pop();
  define(loader, module);
  loader.modules.push(module);
  return module;
}

/** What the host calls the main file, so that a cycle back to it is seen. */
function mainKey(source: string, host: SourceHost | undefined): string {
  const name = source.slice(Math.max(source.lastIndexOf('/'), source.lastIndexOf('\\')) + 1);
  try {
    return host?.resolve(source, `./${name}`) ?? source;
  } catch {
    return source;
  }
}

/** Reads every file that `program` imports, directly or not, and declares the names of each. */
export function loadModules(program: Program, host: SourceHost | undefined, report: Report): Loaded {
  const loader: Loader = {
    host,
    report,
    modules: [],
    byKey: new Map(),
    sources: new Map(),
    path: [],
  };
  enter(loader, mainKey(program.source, host), program, true);
  return { modules: loader.modules, sources: loader.sources };
}
