import { fail } from '@postulate/graph';
import { openLm } from '../lm/bind-lm.ts';
import type { OpenOptions } from '../lm/open-folder.ts';
import { fittingRuntime } from '../lm/runtime-fit.ts';
import { fetched, lmSource } from '../lm/source.ts';
import type { Served } from './served.ts';

/**
 * What `lm(source)` means, as something to serve. P533 for sources that other programs evaluate: those have servers of their own.
 */
export async function servedSource(source: string, directory: string, options: OpenOptions): Promise<Served> {
  const found = await fetched(lmSource(source, directory), options);
  const runtime = fittingRuntime(found, options.runtime);
  if (runtime.kind === 'llama-cpp' || runtime.kind === 'server') {
    throw fail('P533', `post serve-lm serves bundled models and model folders, not "${source}".`, {
      help:
        found.kind === 'gguf' ? 'llama-server of llama.cpp serves .gguf files.' : 'name a folder or "tiny-english".',
    });
  }
  const { network, vocabulary, begin, end, encode } = await openLm(found, runtime, { ...options, shown: source });
  return { name: source, network, vocabulary, begin, end, encode };
}
