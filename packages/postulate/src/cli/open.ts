import { compileFile, graphOf, type CompileOptions } from '../project/compiled.ts';
import type { Terminal } from './terminal.ts';

/** Compiles a file for a command that needs its graph; its sources are remembered, so that later failures show lines. */
export async function openForCommand(path: string, terminal: Terminal, options: CompileOptions) {
  const compiled = await compileFile(path, options);
  terminal.sources.set(compiled.name, compiled.text);
  for (const [name, text] of compiled.compilation.sources) terminal.sources.set(name, text);
  return { ...compiled, ...graphOf(compiled) };
}

export type Opened = Awaited<ReturnType<typeof openForCommand>>;
