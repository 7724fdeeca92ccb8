import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic } from '@postulate/graph';
import { packArrays, unpackArrays } from './array-file.ts';

export type StoredArray = Int32Array | Float32Array | Float64Array | Uint8Array;
export type StoredArrays = Readonly<Record<string, StoredArray>>;

/** Keeps named typed arrays under a key. Nothing here ever fails: what cannot be kept is worked out again. */
export interface ArrayStore {
  /** `undefined` where the key is unknown or what is stored is damaged. */
  load(key: string): Promise<StoredArrays | undefined>;
  save(key: string, arrays: StoredArrays): Promise<void>;
}

/** The file operations that a store needs; tests put failing ones in their place. */
export interface StoreFiles {
  readonly read: (path: string) => Promise<Buffer>;
  readonly write: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly makeDirectory: (path: string) => Promise<unknown>;
  readonly remove: (path: string) => Promise<void>;
}

const NODE_FILES: StoreFiles = {
  read: (path) => readFile(path),
  write: (path, bytes) => writeFile(path, bytes),
  rename,
  makeDirectory: (path) => mkdir(path, { recursive: true }),
  remove: (path) => rm(path, { force: true }),
};

/** `$XDG_CACHE_HOME/postulate`, else `~/.cache/postulate`. */
export function defaultCacheDirectory(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'postulate');
}

/** A key of `kind` and content. */
export function storeKey(kind: string, parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    hash.update(`${bytes.length}:`).update(bytes);
  }
  return `${kind}-${hash.digest('hex').slice(0, 40)}`;
}

/** A store that keeps nothing. */
export const noStore: ArrayStore = { load: async () => undefined, save: async () => undefined };

/** A folder with one file per key, written beside and renamed so that no reader meets half a file. P504 where it cannot. */
export function fileStore(
  directory: string,
  warn: (diagnostic: Diagnostic) => void,
  files: StoreFiles = NODE_FILES,
): ArrayStore {
  const pathOf = (key: string): string => join(directory, `${key}.bin`);
  return {
    async load(key) {
      try {
        return unpackArrays(await files.read(pathOf(key)));
      } catch {
        return undefined;
      }
    },
    async save(key, arrays) {
      const temporary = `${pathOf(key)}.${process.pid}.tmp`;
      try {
        await files.makeDirectory(directory);
        await files.write(temporary, packArrays(arrays));
        await files.rename(temporary, pathOf(key));
      } catch (cause) {
        await files.remove(temporary).catch(() => undefined);
        warn(cannotWrite(directory, cause));
      }
    },
  };
}

function cannotWrite(directory: string, cause: unknown): Diagnostic {
  return {
    code: 'P504',
    severity: 'warning',
    message: `cannot keep the trained model in "${directory}": ${(cause as Error).message}. It will be trained again next time.`,
    help: 'set XDG_CACHE_HOME to a folder that can be written and has room.',
  };
}
