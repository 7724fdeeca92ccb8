import { readFile } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { fail } from '@postulate/graph';

/** Where `name` lies, seen from the directory of the `.post` file. */
export function dataPath(directory: string, name: string): string {
  return isAbsolute(name) ? name : resolve(directory, name);
}

/** The bytes of a file; P500 where it cannot be read. `what` is how messages call it. */
export async function readBytes(path: string, name: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw fail('P500', `cannot read the ${what} "${name}": ${whyUnreadable(cause)}.`, {
      help: 'paths are relative to the .post file.',
      kind: 'outside',
      cause,
    });
  }
}

export function whyUnreadable(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES' || code === 'EPERM') return 'reading it is not permitted';
  return String(message);
}

/** Strict UTF-8, a byte order mark dropped; P007 otherwise. */
export function decodeText(bytes: Buffer, name: string, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fail('P007', `the ${what} "${name}" is not text in UTF-8. Convert it, or check that it is the right file.`, {
      kind: 'outside',
      cause,
    });
  }
}

export async function readText(directory: string, name: string, what: string): Promise<string> {
  return decodeText(await readBytes(dataPath(directory, name), name, what), name, what);
}

/** Lines without their breaks (LF or CRLF); what follows the last break is a line only where it is not empty. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
