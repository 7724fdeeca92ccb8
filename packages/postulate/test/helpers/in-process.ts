import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import picocolors from 'picocolors';
import { runWords } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

export const fixtures = join(
  fileURLToPath(new URL('../../../../', import.meta.url)),
  'packages',
  'testing',
  'fixtures',
);

/** Runs `post` on its sources in this process, with what it would have written to the terminal. */
export async function inProcess(words: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const plain = picocolors.createColors(false);
  const quiet = words.includes('--quiet');
  const terminal: Terminal = {
    json: words.includes('--json'),
    quiet,
    outColours: plain,
    errColours: plain,
    live: false,
    columns: 80,
    sources: new Map(),
    out: (text) => void (written.stdout += text),
    err: (text) => void (written.stderr += text),
    log: (line) => void (written.stderr += quiet ? '' : `${line}\n`),
    status: () => undefined,
  };
  const code = await runWords(words, terminal);
  return { code, ...written };
}

/** The same with `--json`; all of standard output must be one document. */
export async function inProcessJson(words: readonly string[]) {
  const result = await inProcess([...words, '--json']);
  return { ...result, document: JSON.parse(result.stdout) as Record<string, unknown> };
}
