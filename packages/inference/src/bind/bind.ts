import {
  expressionText,
  fail,
  graphHash,
  leftmostPrior,
  type Argument,
  type Diagnostic,
  type ModelGraph,
  type NodeId,
  operands,
  type Output,
  PostError,
  reachable,
  selectPosterior,
} from '@postulate/graph';
import type { LanguageModel, Models } from '@postulate/models';
import type { Attributes, BoundFunction, Target } from '../port/index.ts';
import { inContext } from '../diagnostics/in-context.ts';
import { seededChooser } from '../chooser/index.ts';
import { fitMoments } from '../moments/index.ts';
import { raising } from './attributes.ts';
import { makeCompiler } from './compile-machine.ts';
import { priorFacts } from './facts.ts';
import { withPilotMoments } from './fitted.ts';
import { boundFunction, type Binding } from './functions.ts';
import { fitDensities } from './multipliers.ts';
import { makeProgram, type Program } from './program.ts';
import { contextNames } from './reach.ts';
import { bindFunctions, bindModels, modelLoader } from './resolve.ts';
import { stagesOf } from './stages.ts';
import { textEvaluator, withDensities, type TextEvaluator } from './text-evaluator.ts';

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

/** What the targets of one context share. */
interface Binder {
  readonly graph: ModelGraph;
  readonly models: Models;
  readonly context: Context;
  readonly load: (id: NodeId) => Promise<LanguageModel>;
  /** Multipliers found so far, of posteriors whose densities are needed. */
  readonly multipliers: Map<NodeId, readonly number[]>;
  readonly warnings: Diagnostic[];
}

/** What the posterior's own factors say in words and classifiers. */
function attributesOf({ graph, models, context }: Binder, id: NodeId, { functions }: Program): Attributes {
  const factors = [...reachable(graph, [id])].flatMap((i) => {
    const node = graph.nodes[i];
    return node.kind === 'posterior' ? node.factors : [];
  });
  const { words, learned } = raising(graph, factors);
  return {
    words: () => Promise.all(words.map((argument) => stringsIn(argument, models, context))),
    classifiers: learned.flatMap((i) => functions.get(i)?.classifier ?? []),
  };
}

async function stringsIn(argument: Argument, models: Models, context: Context): Promise<readonly string[]> {
  if (argument.kind === 'string') return [argument.value];
  if (argument.kind === 'context') return [context[argument.name]];
  return models.strings(argument);
}

/** Joins the nodes that `roots` are made of with the models and functions of the world, over the texts of the prior `main`. */
async function join(binder: Binder, main: NodeId, roots: readonly NodeId[]): Promise<Binding> {
  const { graph, models, context, load, multipliers } = binder;
  const prior = await load(main);
  const needed = reachable(graph, roots);
  const scope = { vocabulary: prior.vocabulary, maxTokens: prior.maxTokens, context };
  const program = makeProgram(
    graph,
    await bindFunctions(graph, needed, scope, models),
    await bindModels(graph, needed, main, load),
    multipliers,
  );
  const compiler = makeCompiler(program, prior.vocabulary.size, prior.maxTokens);
  return { graph, program, compiler, prior, facts: priorFacts(prior) };
}

/** Joins one distribution, and the named functions it is to tell about, with its models. */
async function assemble(binder: Binder, id: NodeId, name: string, named: readonly Output[]): Promise<Target> {
  const { graph, context, warnings } = binder;
  const binding = await join(binder, leftmostPrior(graph, id), [id, ...named.map((o) => o.node)]);
  return {
    name,
    graphHash: graphHash(graph, id),
    context,
    prior: binding.prior,
    stages: stagesOf(binding, id),
    named: named.map((o): BoundFunction => boundFunction(binding, o.node, o.name)),
    attributes: attributesOf(binder, id, binding.program),
    warnings,
  };
}

/**
 * Fits the posteriors with moments whose densities `ids` need, each over its own prior. A pilot sample, where automata
 * and listing do not do, has a seed of its own: what is stated must not change with the seed of a run.
 */
function fitInner(binder: Binder, ids: readonly NodeId[], pilots: boolean): Promise<void> {
  const { graph, context, multipliers, warnings } = binder;
  return fitDensities(graph, ids, multipliers, async (id) => {
    await fitInner(binder, operands(graph.nodes[id]), pilots);
    const name = graph.nodes[id].label ?? expressionText(graph, id);
    const target = await assemble(binder, id, name, []);
    const exact = await fitMoments(target);
    if (!('reason' in exact)) return exact.lambda ?? [];
    if (!pilots) throw fail('P600', `the moments of ${name} cannot be fitted exactly: ${exact.reason}`);
    const chooser = seededChooser(`moments ${target.graphHash}`).split(JSON.stringify(context));
    const fitted = await withPilotMoments(target, chooser, exact.reason);
    warnings.push(...fitted.warnings);
    return fitted.lambda ?? [];
  });
}

/** What makes a named function untellable under this posterior, without being an error of it. */
const UNTELLABLE: ReadonlySet<string> = new Set(['P208', 'P403', 'P405', 'P600', 'P604']);

async function bindOne(graph: ModelGraph, output: Output, models: Models, context: Context): Promise<Target> {
  const load = modelLoader(graph, models, context);
  const binder: Binder = { graph, models, context, load, multipliers: new Map(), warnings: [] };
  const main = leftmostPrior(graph, output.node);
  await bindModels(graph, reachable(graph, [output.node]), main, load);
  await fitInner(binder, [output.node], true);
  const fits = async (id: NodeId): Promise<boolean> => {
    try {
      await bindModels(graph, reachable(graph, [id]), main, load);
      await fitInner(binder, [id], false);
      return true;
    } catch (error) {
      if (error instanceof PostError && UNTELLABLE.has(error.code)) return false;
      throw error;
    }
  };
  const named = await usableOutputs(graph, new Set(Object.keys(context)), fits);
  return assemble(binder, output.node, output.name, named);
}

/** Every combination of the values of the context variables that the posterior depends on; one empty one for none. */
async function contextValues(graph: ModelGraph, ids: readonly NodeId[], models: Models): Promise<readonly Context[]> {
  const names = new Set(ids.flatMap((id) => [...contextNames(graph, id)]));
  let combinations: readonly Context[] = [{}];
  for (const c of graph.contexts) {
    if (!names.has(c.name)) continue;
    const values = await models.strings(c.values);
    combinations = combinations.flatMap((known) => values.map((v) => ({ ...known, [c.name]: v })));
  }
  return combinations;
}

/**
 * Scores, events and distributions of a graph over the texts of one of its distributions, `over`: one evaluator for each
 * value of the context that any of them depends on. Posteriors with moments whose
 * densities those of `densities` need are fitted; of others the support is what counts. Throws as `bind` does.
 */
export async function bindNodes(
  graph: ModelGraph,
  over: NodeId,
  nodes: readonly NodeId[],
  models: Models,
  densities: readonly NodeId[] = nodes,
): Promise<readonly TextEvaluator[]> {
  const main = leftmostPrior(graph, over);
  const evaluators: TextEvaluator[] = [];
  for (const context of await contextValues(graph, [over, ...nodes], models)) {
    const load = modelLoader(graph, models, context);
    const binder: Binder = { graph, models, context, load, multipliers: new Map(), warnings: [] };
    const bound = (async () => {
      await bindModels(graph, reachable(graph, [over, ...nodes]), main, load);
      const fitted = withDensities(graph, densities);
      await fitInner({ ...binder, graph: fitted.graph }, fitted.ids, true);
      return textEvaluator(await join(binder, main, [over, ...nodes]), context);
    })();
    evaluators.push(await bound.catch((error: unknown) => Promise.reject(inContext(error, context))));
  }
  return evaluators;
}

/**
 * Joins a posterior of a graph with models: one target for each value of the context it depends on, or one.
 * Without a name the default posterior is taken. Throws P400, P401, P407 (which posterior), P208 (distributions over
 * different texts), P403, P405 and P604 (moments of a posterior whose density is needed cannot be met), and whatever loading a model or an extern throws.
 */
export async function bind(
  graph: ModelGraph,
  posterior: string | undefined,
  models: Models,
): Promise<readonly Target[]> {
  const output = selectPosterior(graph, posterior);
  const targets: Target[] = [];
  for (const context of await contextValues(graph, [output.node], models)) {
    const bound = bindOne(graph, output, models, context);
    targets.push(await bound.catch((error: unknown) => Promise.reject(inContext(error, context))));
  }
  return targets;
}
