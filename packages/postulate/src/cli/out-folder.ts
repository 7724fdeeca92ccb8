import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fail } from '@postulate/graph';
import type { Result } from '../api/types.ts';
import { usageError } from './arguments.ts';
import { toJson } from './json.ts';
import { sampleDocument } from './result-document.ts';

/** Refuses a folder that is there already, before anything is run. */
export function checkOutFolder(folder: string | undefined): void {
  if (folder !== undefined && existsSync(folder)) {
    throw usageError(`--out ${folder} is there already.`, 'name a folder that does not exist yet');
  }
}

function drawLines(results: readonly Result[]): string {
  return results
    .flatMap((r) => r.draws)
    .map((d) => `${toJson(d).replace(/\n\s*/g, ' ')}\n`)
    .join('');
}

/** Writes `draws.jsonl` and `summary.json` beside the folder and renames them into place: all of it or nothing. */
export async function writeOutFolder(
  folder: string,
  results: readonly Result[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  const place = resolve(folder);
  const draft = join(dirname(place), `.${process.pid}.draft`);
  try {
    await mkdir(dirname(place), { recursive: true });
    await mkdir(draft);
    await writeFile(join(draft, 'draws.jsonl'), drawLines(results));
    const withoutDraws = results.map((r) => ({ ...r, draws: [] }));
    await writeFile(join(draft, 'summary.json'), `${toJson(sampleDocument(withoutDraws, sources))}\n`);
    await rename(draft, place);
  } catch (cause) {
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    const message = cause instanceof Error ? cause.message : String(cause);
    throw fail('P903', `--out ${folder} cannot be written: ${message}.`, { kind: 'outside', cause });
  }
}
