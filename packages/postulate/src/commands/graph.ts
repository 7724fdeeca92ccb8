import { printGraph, type GraphFormat } from '@postulate/graph';
import { usageError } from '../cli/arguments.ts';
import type { CommandContext } from '../cli/command.ts';
import { printDiagnostics } from '../cli/diagnostics.ts';
import { EXIT } from '../cli/failure.ts';
import { paramSettings } from '../cli/settings.ts';
import { didYouMean } from '../suggest.ts';
import { openForCommand } from '../cli/open.ts';

const FORMATS: readonly GraphFormat[] = ['text', 'mermaid', 'dot', 'json'];

function formatOf(written: string): GraphFormat {
  const format = FORMATS.find((f) => f === written);
  if (format) return format;
  throw usageError(`--format takes ${FORMATS.join(', ')}; found "${written}".${didYouMean(written, FORMATS)}`);
}

/** `post graph`: the model graph on standard output. `--json` is `--format json`. */
export async function graph({ args, terminal }: CommandContext): Promise<number> {
  const format = formatOf(args.value('format') ?? (terminal.json ? 'json' : 'text'));
  if (terminal.json && format !== 'json') throw usageError(`--json and --format ${format} exclude each other.`);
  const opened = await openForCommand(args.operands[0], terminal, { set: paramSettings(args.values('set')) });
  if (!terminal.json && !terminal.quiet) printDiagnostics(opened.warnings, terminal);
  const text = printGraph(opened.graph, format);
  terminal.out(text.endsWith('\n') ? text : `${text}\n`);
  return EXIT.done;
}
