import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import type { SourceHost } from '@postulate/dsl';
import { decodeSource, unreadable } from './read.ts';

/** True for `<stdin>` and `<source>`: a text without a place of its own. */
const isNameless = (name: string) => name.startsWith('<');

/** Finds imported files on disk. `directory` is where the paths of a nameless main source start. */
export function diskHost(directory: string): SourceHost {
  return {
    resolve: (from, path) => {
      if (isAbsolute(path)) return path;
      return join(isNameless(from) ? directory : dirname(from), path);
    },
    read: (path) => {
      let bytes: Uint8Array;
      try {
        bytes = readFileSync(path);
      } catch (cause) {
        throw unreadable(path, cause);
      }
      return decodeSource(path, bytes);
    },
  };
}
