import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The built command. */
export const command = join(root, 'packages', 'postulate', 'dist', 'cli.js');

/** The declarations of the library's front door. */
export const types = join(root, 'packages', 'postulate', 'dist', 'types', 'postulate', 'index.d.ts');

/** Scripts that what is built depends on. */
const SCRIPTS = ['build.mjs', 'declarations.mjs'].map((name) => join(root, 'scripts', name));

/** Latest modification below a folder, the folder itself included, so that a deleted file counts. */
function newest(folder) {
  let latest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

/** Whether the build or its types are missing, or older than a source or a script of the build. */
export function isStale() {
  try {
    const built = statSync(command).mtimeMs;
    const packages = join(root, 'packages');
    const sources = readdirSync(packages).map((name) => join(packages, name, 'src'));
    if (!existsSync(types)) return true;
    return SCRIPTS.some((s) => statSync(s).mtimeMs > built) || sources.some((s) => newest(s) > built);
  } catch {
    return true;
  }
}
