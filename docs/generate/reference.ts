import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtins, compile, referencePages } from '@postulate/dsl';
import { DIAGNOSTIC_CODES, renderDiagnostic, type Diagnostic, type DiagnosticCode } from '@postulate/graph';
import { ROOT } from '../documents.ts';
import type { DiagnosticPage } from './diagnostic-page.ts';
import { LANGUAGE_PAGES } from './diagnostics-language.ts';
import { RUNNING_PAGES } from './diagnostics-running.ts';

export const DIAGNOSTIC_PAGES: readonly DiagnosticPage[] = [...LANGUAGE_PAGES, ...RUNNING_PAGES];

const CLI = join(ROOT, 'packages/postulate/dist/cli.js');
const NOTE = '<!-- Generated: change the source it names, then `pnpm run docs`. -->';
const COMMANDS = ['check', 'fmt', 'graph', 'engines', 'sample', 'fit', 'test', 'doctor'];

/** Runs the built command; returns what a terminal would show, both streams. */
export function post(args: readonly string[], folder: string = ROOT, more: DiagnosticPage['environment'] = {}): string {
  const env = { ...process.env, NO_COLOR: '1', COLUMNS: '100', ...more };
  const script = 'exec node "$0" "$@" 2>&1';
  try {
    return execFileSync('bash', ['-c', script, CLI, ...args], { cwd: folder, encoding: 'utf8', env });
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  }
}

interface Staged {
  readonly text: string;
  readonly codes: readonly string[];
}

const stagings = new Map<DiagnosticPage, Staged>();

/** What a page's program or command says, and the codes in it. */
export function staged(page: DiagnosticPage): Staged {
  const known = stagings.get(page);
  if (known) return known;
  const found = page.command ? stagedCommand(page) : stagedProgram(page);
  stagings.set(page, found);
  return found;
}

function stagedProgram(page: DiagnosticPage): Staged {
  const source = page.program ?? '';
  const host = { resolve: (_from: string, path: string) => path, read: () => source };
  const missing = { resolve: host.resolve, read: (path: string) => unreadable(path) };
  const { diagnostics } = compile(source, 'example.post', {
    host: page.code === 'P105' ? host : missing,
    ...(page.set ? { set: page.set } : {}),
  });
  const shown = diagnostics.filter((d) => d.code === page.code);
  return { text: rendered(shown.length > 0 ? shown : diagnostics, source), codes: diagnostics.map((d) => d.code) };
}

function unreadable(path: string): never {
  throw new Error(`no such file: ${path}`);
}

const rendered = (diagnostics: readonly Diagnostic[], source: string): string =>
  diagnostics.map((d) => renderDiagnostic(d, source)).join('\n');

function stagedCommand(page: DiagnosticPage): Staged {
  const folder = mkdtempSync(join(tmpdir(), 'postulate-docs-'));
  try {
    const files = { ...page.files, ...(page.program === undefined ? {} : { 'example.post': page.program }) };
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    const text = post(page.command ?? [], folder, page.environment);
    const codes = [...text.matchAll(/\[(P\d{3})\]|"code": "(P\d{3})"/g)].map((m) => m[1] ?? m[2]);
    return { text: text.replaceAll(`${folder}/`, '').trimEnd(), codes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`;

function commandLine(page: DiagnosticPage): string {
  const environment = Object.entries(page.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const set = Object.entries(page.set ?? {}).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  return [...environment, 'post', ...(page.command ?? ['check', 'example.post', ...set])].join(' ');
}

function diagnosticPage(page: DiagnosticPage): string {
  const parts = [`# ${page.code}: ${DIAGNOSTIC_CODES[page.code]}\n`, `${page.why}\n`, `**What to do.** ${page.fix}\n`];
  if (page.unstaged !== undefined) return [...parts, `No example is shown here. ${page.unstaged}\n`].join('\n');
  if (page.program !== undefined && !page.brief) parts.push('## Example\n', fenced('', page.program));
  for (const [name, content] of Object.entries(page.files ?? {})) parts.push(`\`${name}\`:\n`, fenced('', content));
  parts.push(
    `\`${commandLine(page)}\` says:\n`,
    fenced('text', page.brief ? staged(page).text.split('\n')[0] : staged(page).text),
  );
  return parts.join('\n');
}

function diagnosticIndex(): string {
  const rows = Object.entries(DIAGNOSTIC_CODES).map(([code, title]) => `| [${code}](${code}.md) | ${title} |`);
  return [
    '# Diagnostics\n',
    'A code never changes its meaning.\n',
    '| code | title |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function commandPage(): string {
  const sections = COMMANDS.map((name) => `## post ${name}\n\n${fenced('text', post([name, '--help']))}`);
  const codes = [
    '| exit code | means |',
    '| --- | --- |',
    '| 0 | done |',
    '| 1 | the model is wrong, an engine refuses, or the run is degenerate |',
    '| 2 | wrong usage |',
    '| 3 | something outside failed: a file, a server, a missing runtime |',
    '| 130 | interrupted; what was finished was kept |',
  ];
  return ['# The `post` command\n', fenced('text', post(['--help'])), codes.join('\n'), '', ...sections].join('\n');
}

const spoken = (name: string): string => name.replaceAll('-', ' ');

function index(families: readonly string[]): string {
  const rows = families.map((f) => {
    const names = builtins.filter((b) => b.family === f).map((b) => `\`${b.name}\``);
    return `| [${spoken(f)}](builtins/${f}.md) | ${names.join(', ')} |`;
  });
  return [
    '# Reference\n',
    '[The language](../language.md) · [The `post` command](command.md) · [Diagnostics](diagnostics/README.md)\n',
    '## Builtins\n',
    '| family | names |',
    '| --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** Every generated page: path under `docs/reference` → content. */
export function referenceFiles(): ReadonlyMap<string, string> {
  const pages = referencePages();
  const files = new Map<string, string>([
    ['README.md', index(Object.keys(pages))],
    ['command.md', commandPage()],
    ['diagnostics/README.md', diagnosticIndex()],
  ]);
  for (const [family, text] of Object.entries(pages)) files.set(`builtins/${family}.md`, text);
  for (const page of DIAGNOSTIC_PAGES) files.set(`diagnostics/${page.code}.md`, diagnosticPage(page));
  return new Map([...files].map(([path, text]) => [path, `${NOTE}\n\n${text.trimEnd()}\n`]));
}

/** Codes without a page, or with two. */
export function unpaged(): readonly DiagnosticCode[] {
  const counts = new Map<string, number>();
  for (const { code } of DIAGNOSTIC_PAGES) counts.set(code, (counts.get(code) ?? 0) + 1);
  return (Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[]).filter((code) => counts.get(code) !== 1);
}
