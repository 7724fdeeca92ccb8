import { fail, type ModelGraph } from '@postulate/graph';
import { bind, compareEngines, engines, stream, type Comparison, type Target } from '@postulate/inference';
import type { Models } from '@postulate/models';
import type { Origin } from '../workers/job.ts';
import { fitTargets } from './fit.ts';
import { expecting, inferenceOptions, proposalLaw } from './options.ts';
import { hired, runMember, stopSignal, textDraw, type Member } from './run.ts';
import type { CompareRequest, EngineFitness, Posterior, Result, RunOptions, TextDraw } from './types.ts';

async function* sampleMembers(members: readonly Member[], options: RunOptions): AsyncGenerator<TextDraw, void> {
  for (const member of members) {
    const given = { ...inferenceOptions(options), law: proposalLaw(options.proposal, member.index) };
    const target = expecting(member.target, options.expect);
    const stop = stopSignal(options);
    const { work, dismiss } = hired(member, options, stop.signal);
    let drawn = 0;
    try {
      for await (const draw of stream(target, { ...given, signal: stop.signal, work })) {
        drawn++;
        yield textDraw(target, draw);
      }
    } finally {
      stop.release();
      await dismiss();
    }
    if (options.signal?.aborted === true && drawn < given.draws) {
      throw fail('P902', `interrupted after ${drawn} of ${given.draws} draws`);
    }
  }
}

async function runMembers(members: readonly Member[], options: RunOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const member of members) {
    if (options.signal?.aborted === true) break;
    results.push(await runMember(member, options));
  }
  return results;
}

async function compareTargets(targets: readonly Target[], request: CompareRequest): Promise<readonly Comparison[]> {
  const { n, expect, proposal, ...options } = request;
  const comparisons: Comparison[] = [];
  for (const [i, target] of targets.entries()) {
    const law = proposalLaw(proposal, i);
    comparisons.push(await compareEngines(expecting(target, expect), { ...options, draws: n, law }));
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
export function openPosterior(graph: ModelGraph, graphHash: string, models: Models, origin: Origin): Posterior {
  const name = origin.posterior;
  let bound: Promise<readonly Target[]> | undefined;
  const targets = () => (bound ??= bind(graph, name, models));
  const members = async () => (await targets()).map((target, index): Member => ({ target, origin, index }));
  return {
    name,
    graphHash,
    prepare: async () => void (await targets()),
    sample: async function* (options = {}) {
      yield* sampleMembers(await members(), options);
    },
    runAll: async (options = {}) => runMembers(await members(), options),
    run: async (options = {}) => {
      const all = await members();
      if (all.length === 1) return runMember(all[0], options);
      throw fail('P901', `"${name}" is a family of ${all.length} posteriors, one for each context.`, {
        kind: 'usage',
        help: 'runAll() runs each of them',
      });
    },
    compare: async (request) => compareTargets(await targets(), request),
    fit: async (options) => fitTargets(await targets(), options),
    targets,
    models: async () => (await targets()).map((t) => t.prior.id),
    engines: async () => fitnessTable((await targets())[0]),
  };
}
