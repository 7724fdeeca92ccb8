import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The built command. */
export const command = join(root, 'packages', 'postulate', 'dist', 'cli.js');

/** Latest modification below a folder, the folder itself included, so that a deleted file counts. */
function newest(folder) {
  let latest = statSync(folder).mtimeMs;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }
  return latest;
}

/** Whether the build is missing, or older than a source or the build script. */
export function isStale() {
  try {
    const built = statSync(command).mtimeMs;
    const packages = join(root, 'packages');
    const sources = readdirSync(packages).map((name) => join(packages, name, 'src'));
    return statSync(join(root, 'scripts', 'build.mjs')).mtimeMs > built || sources.some((s) => newest(s) > built);
  } catch {
    return true;
  }
}
