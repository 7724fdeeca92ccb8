import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile } from '@postulate/dsl';
import { renderDiagnostic } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { blocks, commands, pages, rewrite, ROOT, type Command } from './documents.ts';

/**
 * Every block of code in the documentation runs. `post` blocks are whole programs that must check without an error;
 * `console` blocks are commands whose output must be what stands under them; `console long` ones take many minutes and run with
 * `LONG=1` alone. `UPDATE=1` writes the outputs anew.
 */
const UPDATE = process.env['UPDATE'] === '1';
const SHOWN = process.env['LONG'] === '1' ? ['console', 'console long'] : ['console'];
const PATIENCE = process.env['LONG'] === '1' ? 2 * 3600_000 : 300_000;
const CLI = join(ROOT, 'packages/postulate/dist/cli.js');

const outputs = new Map<string, string>();

/** Output of a command in the folder that the page speaks of; pages that show the same command share one run. */
function run(page: string, command: string): string {
  const folder = join(ROOT, page.startsWith('examples/') ? dirname(page) : '.');
  const key = `${folder}\n${command}`;
  const output = outputs.get(key) ?? runAnew(folder, command);
  outputs.set(key, output);
  return output;
}

/** Runs a command as a reader would, with stderr where the page asks for it by `2>&1`. */
function runAnew(folder: string, command: string): string {
  const script = `post() { node ${JSON.stringify(CLI)} "$@"; }\n${command}\n`;
  try {
    const env = { ...process.env, NO_COLOR: '1' };
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    return execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8', env, stdio: [...stdio] });
  } catch (error) {
    // A command that fails on purpose still shows its output.
    return String((error as { readonly stdout?: unknown }).stdout ?? '');
  }
}

function rerun(page: string, shown: Command): Command {
  return { command: shown.command, output: run(page, shown.command).replace(/\n$/, '').split('\n') };
}

describe.each(pages().map((page) => [page] as const))('%s', (page) => {
  const all = blocks(page);

  it.each(all.filter((b) => b.language === 'post').map((b) => [b.start + 1, b] as const))(
    'program at line %i checks',
    (_, block) => {
      const source = block.lines.join('\n');
      const found = compile(source, page).diagnostics.filter((d) => d.severity === 'error');
      expect(found.map((d) => renderDiagnostic(d, source))).toEqual([]);
    },
  );

  it.each(all.filter((b) => b.language === 'ts').map((b) => [b.start + 1, b] as const))(
    'TypeScript at line %i runs',
    { timeout: 60_000 },
    (_, block) => {
      // `postulate` is found from here as from any project that depends on it; paths start from the root, as in commands.
      const file = join(ROOT, 'docs', `.${page.replaceAll('/', '-')}-${block.start + 1}.mjs`);
      writeFileSync(file, block.lines.join('\n'));
      try {
        const output = execFileSync(process.execPath, [file], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' });
        expect(output.trim()).not.toBe('');
      } finally {
        rmSync(file);
      }
    },
  );

  it('commands print what the page shows', { timeout: PATIENCE }, () => {
    expect(existsSync(CLI), 'build first: pnpm run build').toBe(true);
    for (const block of all.filter((b) => SHOWN.includes(b.language)).reverse()) {
      const shown = commands(block);
      const found = shown.map((c) => rerun(page, c));
      if (UPDATE) rewrite(page, block, found);
      else expect(found).toEqual(shown);
    }
  });

  it('links lead somewhere', () => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map((m) => m[1]);
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([]);
  });
});
