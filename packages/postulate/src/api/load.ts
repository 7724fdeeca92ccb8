import { graphHash, posteriorOutputs, selectPosterior, type Diagnostic, type ModelGraph } from '@postulate/graph';
import { createModels } from '@postulate/models';
import { compileFile, compileSource, graphOf, type Compiled } from '../project/compiled.ts';
import { openPosterior } from './posterior.ts';
import type { LoadOptions, Posterior } from './types.ts';

/** A `.post` file, compiled. */
export interface Model {
  /** Path of the file, or `<source>`. */
  readonly source: string;
  readonly graph: ModelGraph;
  readonly warnings: readonly Diagnostic[];
  /** Names of the posteriors of the file, in order. */
  readonly posteriors: readonly string[];
  /**
   * The posterior of that name; without one, the file's default posterior.
   * @throws PostError P400, P401 or P407 where that is not one posterior.
   */
  posterior(name?: string): Posterior;
}

/** A compiled source as a model; throws its errors. */
export function openModel(compiled: Compiled, options: LoadOptions = {}): Model {
  const { graph, warnings } = graphOf(compiled);
  const { allowExtern = true, cacheDirectory, runtime, offline, onMessage, onWarning } = options;
  const models = createModels({
    directory: compiled.directory,
    allowExtern,
    rememberExterns: true,
    ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(offline === undefined ? {} : { offline }),
    ...(onMessage === undefined ? {} : { onProgress: onMessage }),
    ...(onWarning === undefined ? {} : { onWarning }),
  });
  const { name, text, directory } = compiled;
  const origin = { name, text, directory, params: options.params ?? {}, allowExtern, cacheDirectory, runtime, offline };
  return {
    source: name,
    graph,
    warnings,
    posteriors: posteriorOutputs(graph).map((o) => o.name),
    posterior: (name) => {
      const output = selectPosterior(graph, name);
      return openPosterior(graph, graphHash(graph, output.node), models, { ...origin, posterior: output.name });
    },
  };
}

async function loadFile(path: string, options: LoadOptions = {}): Promise<Model> {
  return openModel(await compileFile(path, { set: options.params, directory: options.directory }), options);
}

function loadSource(text: string, options: LoadOptions = {}): Promise<Model> {
  const source = { name: '<source>', text };
  return Promise.resolve().then(() =>
    openModel(compileSource(source, { set: options.params, directory: options.directory }), options),
  );
}

/**
 * Loads a `.post` file, or with `load.source` a text that holds one. Nothing is trained and no extern is run yet.
 *
 * ```ts
 * const model = await load('safe.post', { params: { beta: 0.2 } });
 * for await (const draw of model.posterior('safe').sample({ n: 100, seed: 'a' })) console.log(draw.text);
 * ```
 *
 * @throws PostError with every diagnostic of the file where it has errors; P500 where it cannot be read.
 */
export const load: typeof loadFile & { readonly source: typeof loadSource } = Object.assign(loadFile, {
  source: loadSource,
});
