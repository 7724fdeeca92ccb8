import { printTokens, printTree, printTyped, parse } from '@postulate/dsl';
import { hasErrors, PostError, printGraph, type Diagnostic } from '@postulate/graph';
import { usageError } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { diagnosticDocument, printDiagnostics } from '../cli/diagnostics.ts';
import { asPostError, EXIT, reportFailure } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';
import { paramSettings } from '../cli/settings.ts';
import { didYouMean } from '../suggest.ts';
import { compileFile, type Compiled } from '../project/compiled.ts';
import { eventWarnings } from '../project/event-warnings.ts';
import { momentWarnings } from '../project/moment-warnings.ts';
import { regexErrors } from '../project/regex-errors.ts';

const PHASES = ['tokens', 'tree', 'typed', 'graph'] as const;
type Phase = (typeof PHASES)[number];

function phaseOf(written: string | undefined): Phase | undefined {
  if (written === undefined) return undefined;
  const phase = PHASES.find((p) => p === written);
  if (phase) return phase;
  throw usageError(`--emit takes ${PHASES.join(', ')}; found "${written}".${didYouMean(written, PHASES)}`);
}

function emitted(phase: Phase, { text, name, compilation }: Compiled): string {
  switch (phase) {
    case 'tokens':
      return printTokens(parse(text, name));
    case 'tree':
      return printTree(compilation.program);
    case 'typed':
      return printTyped(compilation.typed);
    case 'graph':
      return compilation.graph === undefined ? '' : printGraph(compilation.graph, 'text');
    default:
      return phase satisfies never;
  }
}

interface Report {
  readonly file: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly emit: string | undefined;
  /** Why the file could not be looked at, where it could not. */
  readonly failure?: PostError;
}

async function report(path: string, phase: Phase | undefined, { args, terminal }: CommandContext): Promise<Report> {
  try {
    const compiled = await compileFile(path, { set: paramSettings(args.values('set')) });
    const { sources, diagnostics, graph } = compiled.compilation;
    terminal.sources.set(compiled.name, compiled.text);
    for (const [name, text] of sources) terminal.sources.set(name, text);
    const more =
      graph === undefined
        ? []
        : [
            ...(await regexErrors(graph)),
            ...(await eventWarnings(graph, compiled.directory)),
            ...momentWarnings(graph),
          ];
    const emit = phase === undefined ? undefined : emitted(phase, compiled);
    const found = more.sort((a, b) => (a.span?.start ?? 0) - (b.span?.start ?? 0));
    return { file: compiled.name, diagnostics: [...diagnostics, ...found], emit };
  } catch (error) {
    const failure = asPostError(error);
    if (failure.kind === 'usage') throw failure;
    return { file: path, diagnostics: failure.diagnostics, emit: undefined, failure };
  }
}

const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

function summary(reports: readonly Report[]): string {
  const count = (severity: Diagnostic['severity']) =>
    reports.flatMap((r) => r.diagnostics).filter((d) => d.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const found = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return `${plural(reports.length, 'file')}: ${found.length === 0 ? 'no errors' : found.join(', ')}`;
}

/** `post check`: exit 1 if a file has errors, 3 if one cannot be read; every file is looked at all the same. */
export async function check(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const phase = phaseOf(args.value('emit'));
  const reports: Report[] = [];
  for (const path of args.operands) reports.push(await report(path, phase, context));
  const wrong = reports.filter((r) => hasErrors(r.diagnostics));
  if (terminal.json && wrong.length > 0) {
    const kind = wrong.find((r) => r.failure?.kind === 'outside')?.failure?.kind ?? 'model';
    return reportFailure(
      new PostError(
        reports.flatMap((r) => r.diagnostics),
        kind,
      ),
      terminal,
    );
  }
  if (terminal.json) {
    const files = reports.map((r) => ({
      file: r.file,
      diagnostics: r.diagnostics.map((d) => diagnosticDocument(d, terminal.sources)),
      ...(r.emit === undefined ? {} : { emit: r.emit }),
    }));
    terminal.out(`${toJson({ files })}\n`);
    return EXIT.done;
  }
  for (const r of reports) {
    if (r.emit !== undefined) terminal.out(r.emit.endsWith('\n') ? r.emit : `${r.emit}\n`);
    printDiagnostics(r.diagnostics, terminal);
  }
  terminal.log(summary(reports));
  if (wrong.length === 0) return EXIT.done;
  return wrong.some((r) => r.failure?.kind === 'outside') ? EXIT.outside : EXIT.model;
}
