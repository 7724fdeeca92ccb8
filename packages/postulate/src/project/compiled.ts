import { dirname } from 'node:path';
import { compile } from '@postulate/dsl';
import { hasErrors, PostError, type Diagnostic, type ModelGraph } from '@postulate/graph';
import { diskHost } from './host.ts';
import { readSource, type SourceText } from './read.ts';

export type Compilation = ReturnType<typeof compile>;

/** A source taken through every phase; `compilation.graph` is absent where there were errors. */
export interface Compiled extends SourceText {
  /** Folder that the relative paths of the source start from. */
  readonly directory: string;
  readonly compilation: Compilation;
}

export interface CompileOptions {
  /** Values for the file's params. */
  readonly set?: Readonly<Record<string, number>> | undefined;
  readonly directory?: string | undefined;
}

/** Compiles a text; nothing is thrown for an erroneous one. */
export function compileSource(source: SourceText, options: CompileOptions = {}): Compiled {
  const nameless = source.name.startsWith('<');
  const directory = options.directory ?? (nameless ? '.' : dirname(source.name));
  const set = options.set ?? {};
  return { ...source, directory, compilation: compile(source.text, source.name, { host: diskHost(directory), set }) };
}

/** Reads and compiles a file (`-`: standard input). */
export async function compileFile(path: string, options: CompileOptions = {}): Promise<Compiled> {
  return compileSource(await readSource(path), options);
}

/** The graph of a source without errors, with its warnings; throws a `PostError` of all diagnostics otherwise. */
export function graphOf(compiled: Compiled): { readonly graph: ModelGraph; readonly warnings: readonly Diagnostic[] } {
  const { graph, diagnostics } = compiled.compilation;
  if (graph === undefined || hasErrors(diagnostics)) throw new PostError(diagnostics);
  return { graph, warnings: diagnostics };
}
