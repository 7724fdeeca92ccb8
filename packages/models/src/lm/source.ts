import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '@postulate/graph';
import { dataPath } from '../data/text-file.ts';
import { closest } from '../data/suggest.ts';

/** What the source of a neural model names. */
export type LmSource =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'gguf'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'hub'; readonly id: string };

/** Models that come with this program. */
export const BUNDLED_MODELS: readonly string[] = ['tiny-english'];

const HUB_ID = /^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/;

/**
 * What `source` names, seen from the directory of the `.post` file: a bundled model, the URL of a server, a `.gguf` file, a folder, or
 * else a model of the Hugging Face hub. P500 for a path that is not there, P502 for a name that is none of these.
 */
export function lmSource(source: string, directory: string): LmSource {
  if (BUNDLED_MODELS.includes(source)) return { kind: 'folder', path: bundledModel(source) };
  if (/^https?:\/\//.test(source)) return { kind: 'server', url: source };
  const path = dataPath(directory, source);
  if (source.endsWith('.gguf')) {
    if (existsSync(path)) return { kind: 'gguf', path };
    throw fail('P500', `cannot read the model "${source}": there is no such file.`, {
      kind: 'outside',
      help: 'paths are relative to the .post file.',
    });
  }
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return { kind: 'folder', path };
  if (HUB_ID.test(source) && !source.startsWith('.')) return { kind: 'hub', id: source };
  const meant = closest(source, BUNDLED_MODELS);
  throw fail('P500', `there is no model "${source}": no folder of that name, and none comes with this program.`, {
    kind: 'outside',
    help:
      meant === undefined
        ? `bundled are: ${BUNDLED_MODELS.join(', ')}; folders are relative to the .post file; a hub id looks like owner/name.`
        : `did you mean "${meant}"?`,
  });
}

/** Bundled models lie above the code, wherever a build has put that. */
function bundledModel(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 5; up++) {
    const path = join(folder, name);
    if (existsSync(join(path, 'model.safetensors'))) return path;
    folder = dirname(folder);
  }
  throw fail('P500', `the model "${name}" that comes with this program is missing. Install it again.`, {
    kind: 'outside',
  });
}
