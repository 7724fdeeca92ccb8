import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fail } from '@postulate/graph';
import { classifySource, fetchModel, type ModelSource } from '../hub/index.ts';
import type { OpenOptions } from './open-folder.ts';

/** What the source of a neural model names; bundled models are folders. */
export type LmSource = Exclude<ModelSource, { kind: 'bundled' }>;

/** What `source` names, seen from the directory of the `.post` file. Errors as `classifySource`; P500 where a file is not there. */
export function lmSource(source: string, directory: string): LmSource {
  const found = classifySource(source, directory);
  if (found.kind === 'bundled') return { kind: 'folder', path: bundledModel(found.name) };
  if (found.kind === 'gguf' && !existsSync(found.path)) {
    throw fail('P500', `cannot read the model "${source}": there is no such file.`, {
      kind: 'outside',
      help: 'paths are relative to the .post file.',
    });
  }
  return found;
}

/** The source with a model of the hub as the folder that it is fetched to. P513 where it cannot be had. */
export async function fetched(
  source: LmSource,
  { offline, onProgress }: OpenOptions,
): Promise<Exclude<LmSource, { kind: 'hub' }>> {
  if (source.kind !== 'hub') return source;
  const { repository, revision } = source;
  let told = -Infinity;
  const path = await fetchModel(repository, revision, {
    ...(offline === true ? { offline } : {}),
    onProgress: ({ file, received, total }) => {
      if (performance.now() - told < PROGRESS_EVERY) return;
      told = performance.now();
      onProgress?.(
        `fetching ${repository}: ${file}, ${megabytes(received)}${total === undefined ? '' : ` of ${megabytes(total)}`}`,
      );
    },
  });
  return { kind: 'folder', path };
}

/** Milliseconds between two lines about a fetch. */
const PROGRESS_EVERY = 2000;

const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

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
