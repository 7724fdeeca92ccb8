import { fail } from '@postulate/graph';
import type { LanguageModel } from '../port/index.ts';
import type { Dialect } from '../runtimes/server/index.ts';
import { describeFolder } from '../hub/model-folder.ts';
import type { LmArguments } from './bind-lm.ts';
import type { OpenOptions } from './open-folder.ts';
import type { LmSource } from './source.ts';

/** Servers that have been asked what they can do, by address. */
const asked = new Map<string, Promise<Dialect>>();

/** A prior that another program evaluates. Nothing of it is loaded before it is asked for. */
export async function priorElsewhere(
  source: LmSource,
  args: LmArguments,
  options: OpenOptions,
): Promise<LanguageModel> {
  const { maxTokens, prompt, shaping } = args;
  switch (source.kind) {
    case 'gguf': {
      const { ggufPrior } = await import('../runtimes/llama-cpp/index.ts');
      options.onProgress?.(`lm("${args.source}") runs on llama.cpp`);
      return ggufPrior(source.path, { maxTokens, prompt, shaping });
    }
    case 'server': {
      const { serverPrior } = await import('../runtimes/server/index.ts');
      return serverPrior(await dialectOf(source.url, options), { maxTokens, prompt, shaping });
    }
    default:
      throw fail('P503', `models of this kind (${source.kind}) are not in this version.`);
  }
}

function dialectOf(url: string, { onProgress }: OpenOptions): Promise<Dialect> {
  const known = asked.get(url);
  if (known !== undefined) return known;
  const apiKey = process.env['POST_API_KEY'];
  const made = import('../runtimes/server/index.ts').then(({ connect }) =>
    connect(url, { apiKey, onProgress, openTokenizer: localTokenizer }),
  );
  asked.set(url, made);
  made.catch(() => asked.delete(url));
  return made;
}

async function localTokenizer(folder: string) {
  const { tokenizer } = await describeFolder(folder);
  const [end] = tokenizer.special.ends;
  if (end === undefined) {
    throw fail('P511', `the model folder "${folder}" names no token that ends a text.`, { kind: 'outside' });
  }
  return { vocabulary: tokenizer.vocabulary, end };
}
