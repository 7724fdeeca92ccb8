import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '@postulate/dsl';
import { bind, type Target } from '@postulate/inference';
import { createModels } from '@postulate/models';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const FIXTURES = join(ROOT, 'packages/testing/fixtures');

export interface CompileSettings {
  readonly set?: Readonly<Record<string, number>>;
  readonly directory?: string;
  readonly cacheDirectory?: string | null;
}

/** A source text through every phase to the one target of a posterior without context. */
export async function targetOf(
  text: string,
  posterior: string | undefined,
  settings: CompileSettings = {},
): Promise<Target> {
  const { set = {}, directory = FIXTURES, cacheDirectory = null } = settings;
  const { graph, diagnostics } = compile(text, 'test.post', { set });
  const errors = diagnostics.filter((d) => d.severity === 'error');
  if (graph === undefined || errors.length > 0)
    throw new Error(errors.map((d) => `${d.code}: ${d.message}`).join('\n'));
  const targets = await bind(graph, posterior, createModels({ directory, cacheDirectory }));
  return targets[0];
}

export const targetOfFile = (path: string, posterior: string | undefined, settings: CompileSettings = {}) =>
  targetOf(readFileSync(path, 'utf8'), posterior, { directory: dirname(path), ...settings });
