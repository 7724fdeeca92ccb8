import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fail } from '@postulate/graph';

/** Writes a file so that it is there whole or not at all. Throws P903 where it cannot be written. */
export async function writeWhole(path: string, text: string, option: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, text);
    await rename(draft, path);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    const message = cause instanceof Error ? cause.message : String(cause);
    throw fail('P903', `${option} ${path} cannot be written: ${message}.`, { kind: 'outside', cause });
  }
}
