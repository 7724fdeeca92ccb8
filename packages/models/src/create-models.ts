import { PostError, type Argument, type Diagnostic, type NodeOf, type Range } from '@postulate/graph';
import { type ArrayStore, defaultCacheDirectory, fileStore, noStore } from './cache/array-store.ts';
import type { DataSource } from './data/data-source.ts';
import { fileDataSource } from './data/file-data-source.ts';
import { resolveStrings } from './data/resolve-strings.ts';
import { dataPath } from './data/text-file.ts';
import { bindExtern } from './extern/bind-extern.ts';
import { loadExtern, refuseExtern } from './extern/extern-module.ts';
import { bindFeature, bindTest } from './features/index.ts';
import { bindLearned, isLearned, type OpenReward } from './features/learned.ts';
import { placed } from './features/placed.ts';
import type { LanguageModel, Models, Scope, TextFunction } from './port/index.ts';
import { bindPrior } from './priors/bind-prior.ts';
import { mixture } from './priors/mixture.ts';

export interface ModelOptions {
  /** Where relative paths begin: the directory of the `.post` file. */
  readonly directory: string;
  /** Where trained models are kept; `null` keeps nothing. Default: `$XDG_CACHE_HOME/postulate` or `~/.cache/postulate`. */
  readonly cacheDirectory?: string | null;
  /** What evaluates neural priors (`--runtime`). Default: the best that loads. */
  readonly runtime?: string;
  /** True fetches no model from the hub. Default: what `HF_HUB_OFFLINE` says. */
  readonly offline?: boolean;
  /** False refuses externs with P506. Default true. */
  readonly allowExtern?: boolean;
  /** True asks an extern once for texts that return within some batches. Default false, which laws need that ask twice on purpose. */
  readonly rememberExterns?: boolean;
  readonly onProgress?: (message: string) => void;
  /** Warnings that stop nothing (P504); without it they go to `onProgress`. */
  readonly onWarning?: (diagnostic: Diagnostic) => void;
}

/** Only the data around a file, for those who need no models. */
export function createData({ directory }: Pick<ModelOptions, 'directory'>): DataSource {
  return fileDataSource(directory);
}

function storeOf(options: ModelOptions): ArrayStore {
  if (options.cacheDirectory === null) return noStore;
  const warn = options.onWarning ?? ((d: Diagnostic) => options.onProgress?.(`warning[${d.code}]: ${d.message}`));
  return fileStore(options.cacheDirectory ?? defaultCacheDirectory(), warn);
}

/** What a leaf's files and modules lack is told at the leaf's place in the source. */
async function at<T>(span: Diagnostic['span'], work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof PostError ? placed(error, span) : error;
  }
}

/** Reward models by their folder, each opened once; nothing of their runtime is loaded before that. */
function rewardOpener(directory: string): OpenReward {
  const known = new Map<string, ReturnType<OpenReward>>();
  return (source) => {
    const path = dataPath(directory, source);
    const found = known.get(path);
    if (found !== undefined) return found;
    const opened = Promise.all([import('./rewards/index.ts'), import('./tensor/default-runtime.ts')]).then(
      async ([{ openReward }, { tensorRuntime }]) => openReward(path, source, await tensorRuntime()),
    );
    known.set(path, opened);
    opened.catch(() => known.delete(path));
    return opened;
  };
}

/** The models, features and data that a graph's leaves name. A prior is made once per node and context. */
export function createModels(options: ModelOptions): Models {
  const { directory, allowExtern = true, rememberExterns = false, runtime, offline, onProgress } = options;
  const data = fileDataSource(directory);
  const store = storeOf(options);
  const priors = new Map<string, Promise<LanguageModel>>();
  const rewards = rewardOpener(directory);
  return {
    prior(node: NodeOf<'prior'>, context) {
      const key = JSON.stringify([node.name, node.args, context]);
      const known = priors.get(key);
      if (known !== undefined) return known;
      const made = at(node.span, () =>
        bindPrior(node, context, { directory, data, store, runtime, offline, onProgress }),
      );
      priors.set(key, made);
      made.catch(() => priors.delete(key));
      return made;
    },
    mixture,
    feature: (node: NodeOf<'feature'>, scope: Scope): Promise<TextFunction> =>
      isLearned(node)
        ? at(node.span, () => bindLearned(node, { data, context: scope.context }, rewards))
        : bindFeature(node, scope, data),
    test: (node: NodeOf<'test'>, scope: Scope) => Promise.resolve(bindTest(node, scope, data)),
    extern: (node: NodeOf<'externScore'> | NodeOf<'externEvent'>, range: Range | undefined): Promise<TextFunction> =>
      at(node.span, async () => {
        if (!allowExtern) throw refuseExtern(node.module, node.name);
        return bindExtern(node, await loadExtern(directory, node.module, node.name), range, rememberExterns);
      }),
    strings: (argument: Argument) => resolveStrings(argument, data),
  };
}
