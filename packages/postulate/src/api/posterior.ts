import { fail, type ModelGraph } from '@postulate/graph';
import { bind, compareEngines, engines, stream, type Comparison, type Target } from '@postulate/inference';
import type { Models } from '@postulate/models';
import { expecting, runTarget, stopSignal, textDraw } from './run.ts';
import type { CompareRequest, EngineFitness, Posterior, Result, RunOptions, TextDraw } from './types.ts';

async function* sampleTargets(targets: readonly Target[], options: RunOptions): AsyncGenerator<TextDraw, void> {
  const { engine = 'auto', n = 100, seed = '0', options: engineOptions = {}, budget = Infinity } = options;
  for (const unfiltered of targets) {
    const target = expecting(unfiltered, options.expect);
    const stop = stopSignal(options);
    let drawn = 0;
    try {
      const draws = stream(target, {
        engine,
        options: engineOptions,
        draws: n,
        seed,
        budget,
        signal: stop.signal,
      });
      for await (const draw of draws) {
        drawn++;
        yield textDraw(target, draw);
      }
    } finally {
      stop.release();
    }
    if (options.signal?.aborted === true && drawn < n) throw fail('P902', `interrupted after ${drawn} of ${n} draws`);
  }
}

async function runTargets(targets: readonly Target[], options: RunOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const target of targets) {
    if (options.signal?.aborted === true) break;
    results.push(await runTarget(target, options));
  }
  return results;
}

async function compareTargets(targets: readonly Target[], request: CompareRequest): Promise<readonly Comparison[]> {
  const { n, expect, ...options } = request;
  const comparisons: Comparison[] = [];
  for (const target of targets) {
    comparisons.push(await compareEngines(expecting(target, expect), { ...options, draws: n }));
    if (request.signal?.aborted === true) break;
  }
  return comparisons;
}

function fitnessTable(target: Target): readonly EngineFitness[] {
  return engines.map((engine) => {
    const { name, summary, guarantee } = engine;
    const fitness = engine.fitness(target);
    if (!fitness.fits) {
      return { name, summary, guarantee, fits: false, note: fitness.reason, diagnostic: fitness.diagnostic };
    }
    return { name, summary, guarantee, fits: true, ...(fitness.note === undefined ? {} : { note: fitness.note }) };
  });
}

/** A posterior whose files are opened and models trained on first use, once. */
export function openPosterior(graph: ModelGraph, name: string, graphHash: string, models: Models): Posterior {
  let bound: Promise<readonly Target[]> | undefined;
  const targets = () => (bound ??= bind(graph, name, models));
  const runAll = async (options: RunOptions = {}) => runTargets(await targets(), options);
  return {
    name,
    graphHash,
    prepare: async () => void (await targets()),
    sample: async function* (options = {}) {
      yield* sampleTargets(await targets(), options);
    },
    runAll,
    run: async (options = {}) => {
      const all = await targets();
      if (all.length === 1) return runTarget(all[0], options);
      throw fail('P901', `"${name}" is a family of ${all.length} posteriors, one for each context.`, {
        kind: 'usage',
        help: 'runAll() runs each of them',
      });
    },
    compare: async (request) => compareTargets(await targets(), request),
    engines: async () => fitnessTable((await targets())[0]),
  };
}
