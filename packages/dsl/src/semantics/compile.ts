import type { Diagnostic, ModelGraph } from '@postulate/graph';
import { hasErrors } from '@postulate/graph';
import type { Program } from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';
import { check, type TypedProgram } from './check.ts';
import { withoutCutShort } from './cut-short.ts';
import { withoutLostNames } from './lost-names.ts';
import { lower } from './lower.ts';
import type { SourceHost } from './modules.ts';
import { inOrder } from './report.ts';

export interface CompileOptions {
  /** Reads imported files; without it a program that imports has an error. */
  readonly host?: SourceHost | undefined;
  /** Values of params instead of their defaults. */
  readonly set?: Readonly<Record<string, number>> | undefined;
}

export interface Compiled {
  readonly program: Program;
  readonly typed: TypedProgram;
  /** There unless a diagnostic is an error. */
  readonly graph: ModelGraph | undefined;
  /** Of all phases and files, in order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Text of the file and of all it imports, by the name that spans use. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Text to model graph: parses, checks and lowers, and reports everything that is wrong in one go. */
export function compile(text: string, source: string, options: CompileOptions = {}): Compiled {
  const { program, diagnostics: syntax } = parse(text, source);
  const { typed, diagnostics: semantic } = check(program, options.host, options.set ?? {});
  const sources = new Map([[source, text], ...typed.sources]);
  const whole = withoutCutShort(semantic, syntax, text, source);
  const found = [...syntax, ...(hasErrors(syntax) ? withoutLostNames(whole, text, source) : semantic)];
  const lowered = hasErrors(found) ? undefined : lower(typed);
  const diagnostics = inOrder([...found, ...(lowered?.diagnostics ?? [])], [...sources.keys()]);
  return { program, typed, graph: lowered?.value, diagnostics, sources };
}
