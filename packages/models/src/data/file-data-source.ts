import { existsSync } from 'node:fs';
import { fail, type PostError } from '@postulate/graph';
import {
  BUNDLED_CORPORA,
  BUNDLED_WEIGHTS,
  BUNDLED_WORD_LISTS,
  bundledCorpusBytes,
  bundledWeights,
  bundledWords,
  parseCorpus,
} from './bundled.ts';
import type { DataSource } from './data-source.ts';
import { closest } from './suggest.ts';
import { dataPath, decodeText, readBytes, readText, splitLines } from './text-file.ts';
import { parseWeights } from './weights.ts';

/** A corpus before it is cut into examples: `parts` decide its content, `examples` parses them. */
export interface RawCorpus {
  readonly parts: readonly Buffer[];
  examples(): readonly string[];
}

/** Bundled data and the files of a directory; every list is read once. */
export function fileDataSource(directory: string): DataSource & { rawCorpus(name: string): Promise<RawCorpus> } {
  const known = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const found = known.get(key) as Promise<T> | undefined;
    if (found !== undefined) return found;
    const fresh = read();
    known.set(key, fresh);
    fresh.catch(() => known.delete(key));
    return fresh;
  };
  return {
    lines: (file) => once(`lines ${file}`, async () => splitLines(await readText(directory, file, 'file'))),
    wordlist: (name) => once(`words ${name}`, () => wordlist(directory, name)),
    corpus: (name) => once(`corpus ${name}`, async () => (await rawCorpus(directory, name)).examples()),
    weights: (name) => once(`weights ${name}`, () => weights(directory, name)),
    rawCorpus: (name) => rawCorpus(directory, name),
  };
}

async function wordlist(directory: string, name: string): Promise<readonly string[]> {
  const bundled = await bundledWords(name);
  if (bundled !== undefined) return bundled;
  requireFile(directory, name, 'word list', BUNDLED_WORD_LISTS);
  const words = splitLines(await readText(directory, name, 'word list')).map((line) => line.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

async function weights(directory: string, name: string): Promise<ReadonlyMap<string, number>> {
  const bundled = await bundledWeights(name);
  if (bundled !== undefined) return bundled;
  requireFile(directory, name, 'lexicon', BUNDLED_WEIGHTS);
  return parseWeights(await readText(directory, name, 'lexicon'), name);
}

async function rawCorpus(directory: string, name: string): Promise<RawCorpus> {
  const bundled = await bundledCorpusBytes(name);
  if (bundled !== undefined) return { parts: bundled, examples: () => withoutBlank(parseCorpus(bundled)) };
  requireFile(directory, name, 'corpus', BUNDLED_CORPORA);
  const bytes = await readBytes(dataPath(directory, name), name, 'corpus');
  return { parts: [bytes], examples: () => withoutBlank(splitLines(decodeText(bytes, name, 'corpus'))) };
}

function withoutBlank(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.trim() !== '');
}

/** A name that looks like no path and is no file was meant to be a bundled one. */
function requireFile(directory: string, name: string, what: string, bundled: readonly string[]): void {
  if (/[./\\]/.test(name) || existsSync(dataPath(directory, name))) return;
  throw unknownName(name, what, bundled);
}

function unknownName(name: string, what: string, bundled: readonly string[]): PostError {
  const guess = closest(name, bundled);
  const hint = guess === undefined ? `Bundled are: ${bundled.join(', ')}.` : `Did you mean "${guess}"?`;
  return fail('P502', `there is no ${what} "${name}": it is neither bundled nor a file beside the .post file. ${hint}`);
}
