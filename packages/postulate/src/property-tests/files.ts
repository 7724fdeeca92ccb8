import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { unreadable } from '../project/read.ts';

const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist']);

/** Every `.post` file below a folder, in the order of their paths. */
async function below(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const e of [...entries].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, e.name);
    if (e.isDirectory() && !SKIPPED.has(e.name) && !e.name.startsWith('.')) found.push(...(await below(path)));
    else if (e.isFile() && e.name.endsWith('.post')) found.push(path);
  }
  return found;
}

/** The files that operands name: themselves, or all `.post` files below a folder. Throws P500 for what is not there. */
export async function testFiles(operands: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of operands) {
    if (path === '-') found.push(path);
    else {
      try {
        found.push(...((await stat(path)).isDirectory() ? await below(path) : [path]));
      } catch (error) {
        throw unreadable(path, error);
      }
    }
  }
  return [...new Set(found)];
}
