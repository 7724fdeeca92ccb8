import {
  graphHash,
  leftmostPrior,
  type ModelGraph,
  type NodeId,
  type Output,
  PostError,
  reachable,
  selectPosterior,
} from '@postulate/graph';
import type { Models } from '@postulate/models';
import type { BoundFunction, Target } from '../port/index.ts';
import { inContext } from '../diagnostics/in-context.ts';
import { makeCompiler } from './compile-machine.ts';
import { priorFacts } from './facts.ts';
import { boundFunction, type Binding } from './functions.ts';
import { makeProgram } from './program.ts';
import { contextNames } from './reach.ts';
import { bindFunctions, bindModels, modelLoader } from './resolve.ts';
import { refuseInnerMoments, stagesOf } from './stages.ts';

type Context = Readonly<Record<string, string>>;

/** Named scores and events that can be told under this prior: not those about other vocabularies or contexts. */
async function usableOutputs(
  graph: ModelGraph,
  contexts: ReadonlySet<string>,
  fits: (id: NodeId) => Promise<boolean>,
): Promise<readonly Output[]> {
  const usable: Output[] = [];
  for (const o of graph.outputs) {
    if (o.type !== 'score' && o.type !== 'event') continue;
    if ([...contextNames(graph, o.node)].some((c) => !contexts.has(c))) continue;
    if (await fits(o.node)) usable.push(o);
  }
  return usable;
}

async function bindOne(graph: ModelGraph, output: Output, models: Models, context: Context): Promise<Target> {
  const main = leftmostPrior(graph, output.node);
  const load = modelLoader(graph, models, context);
  const prior = await load(main);
  const fits = async (id: NodeId): Promise<boolean> => {
    try {
      await bindModels(graph, reachable(graph, [id]), main, load);
      refuseInnerMoments(graph, id);
      return true;
    } catch (error) {
      if (error instanceof PostError && (error.code === 'P208' || error.code === 'P600')) return false;
      throw error;
    }
  };
  const named = await usableOutputs(graph, new Set(Object.keys(context)), fits);
  const needed = reachable(graph, [output.node, ...named.map((o) => o.node)]);
  const scope = { vocabulary: prior.vocabulary, maxTokens: prior.maxTokens, context };
  const program = makeProgram(
    graph,
    await bindFunctions(graph, needed, scope, models),
    await bindModels(graph, needed, main, load),
  );
  const compiler = makeCompiler(program, prior.vocabulary.size, prior.maxTokens);
  const binding: Binding = { graph, program, compiler, prior, facts: priorFacts(prior) };
  return {
    name: output.name,
    graphHash: graphHash(graph, output.node),
    context,
    prior,
    stages: stagesOf(binding, output.node),
    named: named.map((o): BoundFunction => boundFunction(binding, o.node, o.name)),
  };
}

/** Every combination of the values of the context variables that the posterior depends on; one empty one for none. */
async function contextValues(graph: ModelGraph, id: NodeId, models: Models): Promise<readonly Context[]> {
  const names = contextNames(graph, id);
  let combinations: readonly Context[] = [{}];
  for (const c of graph.contexts) {
    if (!names.has(c.name)) continue;
    const values = await models.strings(c.values);
    combinations = combinations.flatMap((known) => values.map((v) => ({ ...known, [c.name]: v })));
  }
  return combinations;
}

/**
 * Joins a posterior of a graph with models: one target for each value of the context it depends on, or one.
 * Without a name the default posterior is taken. Throws P400, P401, P407 (which posterior), P208 (distributions over
 * different texts), P600 (a density that needs unfitted moments), and whatever loading a model or an extern throws.
 */
export async function bind(
  graph: ModelGraph,
  posterior: string | undefined,
  models: Models,
): Promise<readonly Target[]> {
  const output = selectPosterior(graph, posterior);
  refuseInnerMoments(graph, output.node);
  const targets: Target[] = [];
  for (const context of await contextValues(graph, output.node, models)) {
    const bound = bindOne(graph, output, models, context);
    targets.push(await bound.catch((error: unknown) => Promise.reject(inContext(error, context))));
  }
  return targets;
}
