import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const root = fileURLToPath(new URL('../../../../', import.meta.url));
export const fixtures = join(root, 'packages', 'testing', 'fixtures');
export const command = join(root, 'packages', 'postulate', 'dist', 'cli.js');

execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), '--if-stale'], { stdio: 'pipe' });

/** A folder of this test file, removed when it ends. */
export const scratch = mkdtempSync(join(tmpdir(), 'post-test-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setting {
  readonly input?: string | Buffer;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export function start(words: readonly string[], setting: Setting = {}): ChildProcess {
  const env = { ...process.env, XDG_CACHE_HOME: join(scratch, 'cache'), NO_COLOR: '1', ...setting.env };
  return spawn(process.execPath, [command, ...words], { cwd: setting.cwd ?? scratch, env, stdio: 'pipe' });
}

/** What a process wrote, once it has ended. */
export async function outcome(child: ChildProcess): Promise<Outcome> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Runs the built `post`. */
export async function post(words: readonly string[], setting: Setting = {}): Promise<Outcome> {
  const child = start(words, setting);
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(setting.input ?? '');
  return outcome(child);
}

/** Runs `post … --json` and reads the one document that must be all of standard output. */
export async function postJson(words: readonly string[], setting: Setting = {}) {
  const result = await post([...words, '--json'], setting);
  return { ...result, document: JSON.parse(result.stdout) as Record<string, unknown> };
}
