// The declarations of the library as files that need no workspace: those that its front doors reach, and nothing else.
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { root } from './stale.mjs';

const fronts = ['index.ts', 'testing.ts'].map((name) => join(root, 'packages', 'postulate', 'src', name));

/** packages/graph/src/diagnostic.ts → graph/diagnostic.d.ts */
function placeOf(file) {
  const [name, , ...rest] = relative(join(root, 'packages'), file).split(sep);
  return [name, ...rest].join('/').replace(/\.ts$/, '.d.ts');
}

const isOurs = (file) => file.startsWith(join(root, 'packages') + sep) && !file.includes(`${sep}node_modules${sep}`);

/** A specifier that leads from one emitted file to another. */
function specifier(from, to) {
  const path = relative(dirname(placeOf(from)), placeOf(to))
    .replaceAll(sep, '/')
    .replace(/\.d\.ts$/, '.js');
  return path.startsWith('.') ? path : `./${path}`;
}

function programOf() {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  return ts.createProgram(fronts, {
    ...options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    // By path and not by node_modules: what comes from there is not emitted.
    paths: { '@postulate/*': [join(root, 'packages', '*', 'src', 'index.ts')] },
  });
}

/** The declarations of one source file as they stand. */
function emitted(program, source) {
  let text;
  program.emit(source, (_, written) => (text = written), undefined, true);
  if (text === undefined) throw new Error(`no declarations of ${source.fileName}`);
  return text;
}

/**
 * Where the module specifiers of the declarations lead: a name that comes through the front door of a package, or
 * through any list of exports, is taken from the file that declares it, so that what is not used is not reached.
 */
function resolver(program, source) {
  const checker = program.getTypeChecker();
  const modules = new Map();
  for (const statement of source.statements) {
    const of = statement.moduleSpecifier;
    if (of !== undefined) modules.set(of.text, checker.getSymbolAtLocation(of));
  }
  const byImport = (text) => {
    const { resolvedModule } = ts.resolveModuleName(text, source.fileName, program.getCompilerOptions(), ts.sys);
    const file = resolvedModule && program.getSourceFile(resolvedModule.resolvedFileName);
    return file && checker.getSymbolAtLocation(file);
  };
  const moduleOf = (text) => modules.get(text) ?? byImport(text);
  const fileOf = (symbol) => symbol?.declarations?.[0]?.getSourceFile().fileName;
  return {
    file: (text) => fileOf(moduleOf(text)),
    declaration(text, name) {
      const found = checker.getExportsOfModule(moduleOf(text)).find((s) => s.name === name);
      const declared = found && (found.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(found) : found);
      return { file: fileOf(declared), name: declared?.name };
    },
  };
}

/** One import or export of names as one statement for each file that declares some of them. */
function splitNames(statement, elements, keyword, resolve, link) {
  const of = statement.moduleSpecifier.text;
  const groups = new Map();
  const whole = statement.importClause?.isTypeOnly === true || statement.isTypeOnly === true;
  for (const e of elements) {
    const asked = (e.propertyName ?? e.name).text;
    const { file, name } = resolve.declaration(of, asked);
    if (file === undefined) throw new Error(`nothing declares ${asked} of ${of}`);
    const own = isOurs(file);
    const to = own ? link(file) : of;
    const source = own ? name : asked;
    const kind = e.isTypeOnly && !whole ? 'type ' : '';
    const line = `${kind}${source === e.name.text ? source : `${source} as ${e.name.text}`}`;
    groups.set(to, [...(groups.get(to) ?? []), line]);
  }
  const type = whole ? ' type' : '';
  return [...groups].map(([to, names]) => `${keyword}${type} { ${names.join(', ')} } from '${to}';`).join('\n');
}

/** The statement with its specifiers led to emitted files. */
function rewritten(statement, text, resolve, link) {
  const bindings = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
  if (bindings !== undefined && ts.isNamedImports(bindings)) {
    return splitNames(statement, bindings.elements, 'import', resolve, link);
  }
  if (bindings !== undefined && ts.isNamedExports(bindings)) {
    return splitNames(statement, bindings.elements, 'export', resolve, link);
  }
  const of = statement.moduleSpecifier;
  const file = resolve.file(of.text);
  if (file === undefined || !isOurs(file)) return text.slice(statement.getStart(), statement.end);
  return `${text.slice(statement.getStart(), of.getStart())}'${link(file)}'${text.slice(of.end, statement.end)}`;
}

/** Replacements of the declarations of one file, from the end to the beginning. */
function edits(declared, text, resolve, link) {
  const found = [];
  const visit = (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      found.push([node.getStart(), node.end, rewritten(node, text, resolve, link)]);
      return;
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      const of = node.argument.literal;
      const name = node.qualifier && ts.isIdentifier(node.qualifier) ? node.qualifier.text : undefined;
      const file = name === undefined ? resolve.file(of.text) : resolve.declaration(of.text, name).file;
      if (file !== undefined && isOurs(file)) found.push([of.getStart(), of.end, `'${link(file)}'`]);
    }
    ts.forEachChild(node, visit);
  };
  visit(declared);
  return found.reverse();
}

/** Path below `types` → text, of every file that the front doors need: `postulate/index.d.ts` and `postulate/testing.d.ts`. */
export function declarations() {
  const program = programOf();
  const files = new Map();
  const pending = [...fronts];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (files.has(placeOf(file))) continue;
    const source = program.getSourceFile(file);
    const resolve = resolver(program, source);
    const link = (to) => {
      pending.push(to);
      return specifier(file, to);
    };
    let text = emitted(program, source);
    const declared = ts.createSourceFile(file.replace(/\.ts$/, '.d.ts'), text, ts.ScriptTarget.Latest, true);
    for (const [from, to, by] of edits(declared, text, resolve, link)) text = text.slice(0, from) + by + text.slice(to);
    files.set(placeOf(file), text);
  }
  return files;
}
