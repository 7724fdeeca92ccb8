import { watch, type FSWatcher } from 'node:fs';
import { dirname } from 'node:path';

/** Editors write in several steps: wait until it has been quiet for so many milliseconds. */
const QUIET = 120;

/** Resolves once something in the folders of the files changes, or the signal aborts. */
export function changed(files: readonly string[], signal: AbortSignal): Promise<void> {
  const folders = [...new Set(files.map((f) => dirname(f)))];
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    let watchers: readonly FSWatcher[] = [];
    const finish = (): void => {
      clearTimeout(timer);
      for (const w of watchers) w.close();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const touch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(finish, QUIET);
    };
    watchers = folders.map((folder) => watch(folder, touch));
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
