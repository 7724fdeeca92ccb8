import { writeFile } from 'node:fs/promises';
import { format } from '@postulate/dsl';
import { fail, PostError, type Diagnostic } from '@postulate/graph';
import type { CommandContext } from '../cli/command.ts';
import { EXIT } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';
import { readSource } from '../project/read.ts';

interface Formatted {
  readonly file: string;
  readonly changed: boolean;
  readonly text: string;
}

async function formatFile(path: string, { terminal }: CommandContext): Promise<Formatted> {
  const source = await readSource(path);
  terminal.sources.set(source.name, source.text);
  const { value, diagnostics } = format(source.text, source.name);
  if (value === undefined) throw new PostError(diagnostics);
  return { file: path, changed: value !== source.text, text: value };
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw fail('P903', `${path} cannot be written: ${message}.`, { kind: 'outside', cause });
  }
}

/** Formats every file it can and collects what is wrong with the others. */
async function formatAll(context: CommandContext) {
  const done: Formatted[] = [];
  const failures: PostError[] = [];
  for (const path of context.args.operands) {
    try {
      done.push(await formatFile(path, context));
    } catch (error) {
      if (!(error instanceof PostError)) throw error;
      failures.push(error);
    }
  }
  return { done, failures };
}

function failureOf(failures: readonly PostError[]): PostError {
  const diagnostics: readonly Diagnostic[] = failures.flatMap((f) => f.diagnostics);
  return new PostError(diagnostics, failures.find((f) => f.kind === 'outside')?.kind ?? 'model');
}

/** `post fmt`: writes in place; `--check` only tells, with exit 1 where a file would change; a file with errors is left alone. */
export async function fmt(context: CommandContext): Promise<number> {
  const { args, terminal } = context;
  const { done, failures } = await formatAll(context);
  const changed = done.filter((f) => f.changed);
  if (!args.flag('check')) {
    for (const f of changed) if (f.file !== '-') await write(f.file, f.text);
  }
  if (failures.length > 0) throw failureOf(failures);
  const input = args.flag('check') ? undefined : done.find((f) => f.file === '-');
  if (terminal.json) {
    const files = done.map((f) => ({ file: f.file, changed: f.changed, ...(f === input ? { text: f.text } : {}) }));
    if (args.flag('check') && changed.length > 0) throw notCanonical(changed);
    terminal.out(`${toJson({ files })}\n`);
    return EXIT.done;
  }
  if (input) terminal.out(input.text);
  if (args.flag('check') && changed.length > 0) {
    for (const f of changed) terminal.out(`${f.file}\n`);
    terminal.log(`${changed.length} of ${done.length} files would change; run post fmt on them`);
    return EXIT.model;
  }
  for (const f of changed) if (f.file !== '-') terminal.log(`wrote ${f.file}`);
  return EXIT.done;
}

function notCanonical(changed: readonly Formatted[]): PostError {
  const files = changed.map((f) => f.file).join(', ');
  return fail('P904', `not in the canonical layout: ${files}.`, { help: `post fmt ${files}` });
}
