import { existsSync, statSync } from 'node:fs';
import { fail } from '@postulate/graph';
import { dataPath } from '../data/text-file.ts';

/** Models that come with this program. */
export const BUNDLED_MODELS: readonly string[] = ['tiny-english'];

/** What the source of a neural model names. */
export type ModelSource =
  | { readonly kind: 'bundled'; readonly name: string }
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'gguf'; readonly path: string }
  | { readonly kind: 'server'; readonly url: string }
  | { readonly kind: 'hub'; readonly repository: string; readonly revision: string };

const HUB_ID = /^([\w][\w.-]*\/[\w][\w.-]*)(?:@([\w][\w./-]*))?$/;

/**
 * What `source` names, seen from the directory of the `.post` file: an http(s) URL a server, a name ending in `.gguf` a file, else a
 * bundled model, a folder that is there, or `owner/name` with an optional `@revision` on the hub. A path that begins with `.`, `/` or `~`
 * is never looked for on the hub. P511 where it can be none of these.
 */
export function classifySource(source: string, directory: string): ModelSource {
  if (/^https?:\/\//i.test(source)) return { kind: 'server', url: source };
  const path = dataPath(directory, source);
  if (/\.gguf$/i.test(source)) return { kind: 'gguf', path };
  if (BUNDLED_MODELS.includes(source)) return { kind: 'bundled', name: source };
  if (existsSync(path) && statSync(path).isDirectory()) return { kind: 'folder', path };
  const hub = HUB_ID.exec(source);
  if (hub !== null && !hub[2]?.includes('..')) return { kind: 'hub', repository: hub[1], revision: hub[2] ?? 'main' };
  throw fail('P511', `there is no model "${source}": it is neither bundled, nor a folder, nor an id on the hub.`, {
    kind: 'outside',
    help: `bundled are: ${BUNDLED_MODELS.join(', ')}; folders are relative to the .post file; an id on the hub is "owner/name".`,
  });
}
