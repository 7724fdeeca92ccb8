import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fail } from '@postulate/graph';

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process that a lock names, if it is still there. */
function owner(path: string): number | undefined {
  const pid = Number(readFileSync(path, 'utf8'));
  return Number.isInteger(pid) && pid > 0 && isRunning(pid) ? pid : undefined;
}

/** Keeps other processes from writing the same folder; what a killed one left behind is taken over. Returns the release. */
export function lock(path: string, folder: string): () => void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt > 0) throw error;
      const pid = owner(path);
      if (pid !== undefined) {
        throw fail('P903', `--out ${folder} is being written by the process ${pid}.`, {
          kind: 'outside',
          help: `wait for it to end; if it is not a run of post, delete ${path}`,
        });
      }
      rmSync(path, { force: true });
    }
  }
}
