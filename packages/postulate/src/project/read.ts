import { readFile } from 'node:fs/promises';
import { fail } from '@postulate/graph';

/** A `.post` source and where its relative paths start. */
export interface SourceText {
  /** The path as the user gave it, or `<stdin>`. */
  readonly name: string;
  readonly text: string;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENAMETOOLONG: 'the name is too long',
};

/** P500 for what the file system refused. */
export function unreadable(name: string, cause: unknown) {
  const error = cause as NodeJS.ErrnoException;
  const reason = REASONS[error.code ?? ''] ?? error.message;
  return fail('P500', `${name} cannot be read: ${reason}.`, { kind: 'outside', cause });
}

/** Bytes as text; P007 where they are not UTF-8 text. A byte order mark is dropped. */
export function decodeSource(name: string, bytes: Uint8Array): string {
  const notText = (why: string, cause?: unknown) =>
    fail('P007', `${name} is not a text file: ${why}.`, {
      cause,
      help: 'a .post file is text in UTF-8; is this the file you meant?',
    });
  const zero = bytes.indexOf(0);
  if (zero !== -1) throw notText(`byte ${zero} is zero`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw notText('it holds bytes that are not UTF-8', cause);
  }
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Reads a file, or standard input for `-`. */
export async function readSource(path: string): Promise<SourceText> {
  const name = path === '-' ? '<stdin>' : path;
  try {
    const bytes = path === '-' ? await readStandardInput() : await readFile(path);
    return { name, text: decodeSource(name, bytes) };
  } catch (error) {
    if (error instanceof Error && error.name === 'PostError') throw error;
    throw unreadable(name, error);
  }
}
