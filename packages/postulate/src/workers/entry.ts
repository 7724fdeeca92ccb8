import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the entry of a worker thread stands: beside the bundle that this is part of, or in the build of these sources. */
export function workerEntry(from = import.meta.url): string | undefined {
  let folder = dirname(fileURLToPath(from));
  for (let up = 0; up < 4; up++, folder = dirname(folder)) {
    const found = [join(folder, 'worker.js'), join(folder, 'dist', 'worker.js')].find((path) => existsSync(path));
    if (found !== undefined) return found;
  }
  return undefined;
}
