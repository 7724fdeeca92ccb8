import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PostError } from '@postulate/graph';
import { download } from './download.ts';
import { locked } from './lock.ts';
import { lookUp, neededFiles } from './repository.ts';
import { fetchFailure, type Asked } from './request.ts';
import { PassingFailure } from './retry.ts';
import { hubSettings, type HubOptions, type HubSettings } from './settings.ts';

/** Written last, so that a folder with it is whole. */
const COMPLETE = '.complete';

/**
 * The folder of a model on the hub, fetched where it is not in the cache. A revision that was fetched once stays what it was then: remove
 * it from the cache to have a newer one. Several processes may ask at once. P513 where it cannot be had.
 */
export async function fetchModel(repository: string, revision: string, options: HubOptions = {}): Promise<string> {
  const settings = hubSettings(options);
  const asked = { repository, revision };
  const home = join(settings.cacheDirectory, repository.replace('/', '--'));
  const known = await knownFolder(home, revision);
  if (known !== undefined) return known;
  if (settings.offline) {
    throw fetchFailure(`the model "${repository}" is not in the cache, and fetching is switched off.`, {
      help: 'leave --offline and HF_HUB_OFFLINE away once, or give the folder of the model.',
    });
  }
  try {
    await mkdir(home, { recursive: true });
    return await locked(join(home, '.lock'), async () => {
      const meanwhile = await knownFolder(home, revision);
      return meanwhile ?? (await fetchInto(home, asked, settings, options.onProgress));
    });
  } catch (error) {
    throw explained(error, asked, settings);
  }
}

const refPath = (home: string, revision: string): string => join(home, 'refs', encodeURIComponent(revision));

async function knownFolder(home: string, revision: string): Promise<string | undefined> {
  const commit = await readFile(refPath(home, revision), 'utf8').catch(() => revision);
  const folder = join(home, encodeURIComponent(commit));
  return existsSync(join(folder, COMPLETE)) ? folder : undefined;
}

async function fetchInto(
  home: string,
  asked: Asked,
  settings: HubSettings,
  onProgress: HubOptions['onProgress'],
): Promise<string> {
  const { commit, files } = await lookUp(asked, settings);
  const folder = join(home, commit);
  const needed = neededFiles(files.keys(), asked.repository);
  const sizes = needed.map((file) => files.get(file));
  const total = sizes.every((size) => size !== undefined) ? sizes.reduce((a, b) => a + b, 0) : undefined;
  let before = 0;
  for (const file of needed) {
    let bytes = 0;
    if (existsSync(join(folder, file))) bytes = files.get(file) ?? 0;
    else {
      await download({ ...asked, file, commit }, folder, settings, (there) => {
        onProgress?.({ file, received: before + (bytes = there), total });
      });
    }
    before += bytes;
  }
  await writeWhole(join(folder, COMPLETE), JSON.stringify(needed));
  await writeWhole(refPath(home, asked.revision), commit);
  return folder;
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}.tmp`, text);
  await rename(`${path}.${process.pid}.tmp`, path);
}

function explained(error: unknown, { repository }: Asked, { endpoint, cacheDirectory }: HubSettings): unknown {
  if (error instanceof PostError) return error;
  if (error instanceof PassingFailure) {
    return fetchFailure(`the model "${repository}" could not be fetched from the hub ${endpoint}: ${error.message}.`, {
      help: 'what has come so far is kept: the next try goes on from there. Without a network, give the folder of a model.',
      cause: error,
    });
  }
  if ((error as { code?: unknown } | undefined)?.code === undefined) return error;
  return fetchFailure(`cannot write to the cache "${cacheDirectory}": ${(error as Error).message}.`, {
    help: 'set XDG_CACHE_HOME to a folder that can be written and has room.',
    cause: error,
  });
}
