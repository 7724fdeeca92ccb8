import { fail } from '@postulate/graph';
import { bind, openChunks } from '@postulate/inference';
import { createModels } from '@postulate/models';
import { expecting, inferenceOptions, proposalLaw } from '../api/options.ts';
import type { RunOptions } from '../api/types.ts';
import { compileSource, graphOf } from '../project/compiled.ts';

/** What a posterior was made of, so that it can be made again somewhere else. */
export interface Origin {
  readonly name: string;
  readonly text: string;
  readonly directory: string;
  readonly params: Readonly<Record<string, number>>;
  readonly posterior: string;
  readonly allowExtern: boolean;
  readonly runtime?: string | undefined;
  readonly offline?: boolean | undefined;
  readonly cacheDirectory: string | null | undefined;
}

/** One run on one member of a posterior's family; plain data, so that a worker thread can be sent it. */
export interface Job {
  readonly origin: Origin;
  /** Which member of the family of contexts; 0 where there is none. */
  readonly member: number;
  readonly run: Pick<RunOptions, 'engine' | 'n' | 'seed' | 'options' | 'budget' | 'expect' | 'proposal'>;
}

export function jobOf(origin: Origin, member: number, options: RunOptions): Job {
  const { engine, n, seed, options: own, budget, expect, proposal } = options;
  const given = Object.entries({ engine, n, seed, options: own, budget, expect, proposal }).filter(
    ([, v]) => v !== undefined,
  );
  return { origin, member, run: Object.fromEntries(given) as Job['run'] };
}

/** Makes the posterior anew and prepares the run for its chunks. */
export async function openJob({ origin, member, run }: Job): Promise<(index: number, input?: unknown) => unknown> {
  const { name, text, directory, params, posterior, allowExtern, cacheDirectory, runtime, offline } = origin;
  const { graph } = graphOf(compileSource({ name, text }, { set: params, directory }));
  const models = createModels({
    directory,
    allowExtern,
    rememberExterns: true,
    ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(offline === undefined ? {} : { offline }),
  });
  const target = expecting((await bind(graph, posterior, models))[member], run.expect);
  const chunks = await openChunks(target, {
    ...inferenceOptions(run),
    law: await proposalLaw(run.proposal, member, runtime),
  });
  if (chunks === undefined) throw fail('P900', 'a worker was asked for an engine whose work has no chunks');
  return chunks;
}
