import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the workspace. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A fenced block of a Markdown page: `start` and `end` are the lines of its fences, from 0. */
export interface Block {
  readonly language: string;
  readonly lines: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** Every Markdown page that users read. */
export function pages(): readonly string[] {
  const under = (folder: string): string[] =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((e) => e.isFile() && e.name.endsWith('.md') && !e.parentPath.includes('node_modules'))
      .map((e) => relative(ROOT, join(e.parentPath, e.name)));
  return ['README.md', ...under('docs'), ...under('examples')].sort();
}

export function blocks(page: string): readonly Block[] {
  const found: Block[] = [];
  let open: { readonly language: string; readonly start: number } | undefined;
  const lines = readFileSync(join(ROOT, page), 'utf8').split('\n');
  lines.forEach((line, i) => {
    if (!line.startsWith('```')) return;
    if (open) {
      found.push({ ...open, lines: lines.slice(open.start + 1, i), end: i });
      open = undefined;
    } else open = { language: line.slice(3).trim(), start: i };
  });
  return found;
}

/** One `$ command` of a `console` block and the output shown under it. */
export interface Command {
  readonly command: string;
  readonly output: readonly string[];
}

export function commands(block: Block): readonly Command[] {
  const found: { command: string; output: string[] }[] = [];
  for (const line of block.lines) {
    if (line.startsWith('$ ')) found.push({ command: line.slice(2), output: [] });
    else found.at(-1)?.output.push(line);
  }
  return found;
}

/** Writes the commands of a block back with new outputs; later blocks of the page move, so go from the last to the first. */
export function rewrite(page: string, block: Block, found: readonly Command[]): void {
  const path = join(ROOT, page);
  const lines = readFileSync(path, 'utf8').split('\n');
  const body = found.flatMap((c) => [`$ ${c.command}`, ...c.output]);
  writeFileSync(path, [...lines.slice(0, block.start + 1), ...body, ...lines.slice(block.end)].join('\n'));
}
