import { closeSync, fsyncSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

/** Appends all of `bytes`, however many calls that takes. */
export function appendAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
}

/** Up to `length` bytes from `at`; fewer at the end of the file. */
export function readUpTo(fd: number, length: number, at: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const more = readSync(fd, bytes, done, length - done, at + done);
    if (more === 0) break;
    done += more;
  }
  return bytes.subarray(0, done);
}

/** Puts a file in place whole or not at all. */
export function putFile(path: string, content: string | Uint8Array): void {
  const draft = `${path}.${process.pid}`;
  const fd = openSync(draft, 'w');
  try {
    appendAll(fd, typeof content === 'string' ? Buffer.from(content) : content, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(draft, path);
}
