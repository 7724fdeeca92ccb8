import { expressionText, fail, type ModelGraph, type NodeId, type NodeOf } from '@postulate/graph';
import type { LanguageModel, Models, Scope, TextFunction, Vocabulary } from '@postulate/models';
import type { BoundModel } from './program.ts';

type Context = Readonly<Record<string, string>>;

const describe = (graph: ModelGraph, id: NodeId): string => graph.nodes[id].label ?? expressionText(graph, id);

/** Loads the priors and mixtures of a graph, each once for a context. */
export function modelLoader(
  graph: ModelGraph,
  models: Models,
  context: Context,
): (id: NodeId) => Promise<LanguageModel> {
  const known = new Map<NodeId, Promise<LanguageModel>>();
  const mixture = async (node: NodeOf<'mixture'>): Promise<LanguageModel> => {
    const parts: LanguageModel[] = [];
    for (const c of node.components) parts.push(await load(c));
    node.components.forEach((c, i) => {
      const why = mismatch(parts[0], parts[i]);
      if (why !== undefined) throw mismatched(graph, node.components[0], c, why);
    });
    return models.mixture(parts, node.weights);
  };
  const load = (id: NodeId): Promise<LanguageModel> => {
    const node = graph.nodes[id];
    const found = known.get(id);
    if (found) return found;
    if (node.kind !== 'prior' && node.kind !== 'mixture') throw new TypeError(`node ${id} (${node.kind}) is no model`);
    const loading = node.kind === 'prior' ? models.prior(node, context) : mixture(node);
    known.set(id, loading);
    return loading;
  };
  return load;
}

/** Why two models are not over the same texts. */
function mismatch(a: LanguageModel, b: LanguageModel): string | undefined {
  if (a.maxTokens !== b.maxTokens) return `their max_tokens are ${a.maxTokens} and ${b.maxTokens}`;
  if (a.vocabulary === b.vocabulary) return undefined;
  if (a.vocabulary.size !== b.vocabulary.size) {
    return `their vocabularies have ${a.vocabulary.size} and ${b.vocabulary.size} tokens`;
  }
  if (a.vocabulary.separator !== b.vocabulary.separator) return 'their tokens are joined differently';
  const own = new Map(a.vocabulary.tokens.map((t, i) => [t, i] as const));
  const stranger = b.vocabulary.tokens.find((t, i) => {
    const there = own.get(t);
    return there === undefined || `${a.vocabulary.bytes?.[there]}` !== `${b.vocabulary.bytes?.[i]}`;
  });
  return stranger === undefined ? undefined : `only one of them knows the token ${JSON.stringify(stranger)}`;
}

function mismatched(graph: ModelGraph, a: NodeId, b: NodeId, why: string): Error {
  return fail(
    'P208',
    `${describe(graph, a)} and ${describe(graph, b)} are not distributions over the same texts: ${why}`,
    {
      span: graph.nodes[b].span,
      help: 'combine models of one vocabulary and one max_tokens',
    },
  );
}

/** For each token of `from` its number in `to`; undefined where the numberings agree. */
function renumbering(from: Vocabulary, to: Vocabulary): Int32Array | undefined {
  if (from === to || from.tokens.every((t, i) => t === to.tokens[i])) return undefined;
  const index = new Map(to.tokens.map((t, i) => [t, i] as const));
  return Int32Array.from(from.tokens, (t) => index.get(t)!);
}

/** Binds the models among `ids` to the vocabulary of the target's prior, node `main`. Throws P208 where they differ. */
export async function bindModels(
  graph: ModelGraph,
  ids: Iterable<NodeId>,
  main: NodeId,
  load: (id: NodeId) => Promise<LanguageModel>,
): Promise<ReadonlyMap<NodeId, BoundModel>> {
  const prior = await load(main);
  const bound = new Map<NodeId, BoundModel>();
  for (const id of ids) {
    const { kind } = graph.nodes[id];
    if (kind !== 'prior' && kind !== 'mixture') continue;
    const model = await load(id);
    const why = mismatch(prior, model);
    if (why !== undefined) throw mismatched(graph, main, id, why);
    bound.set(id, { model, renumber: renumbering(prior.vocabulary, model.vocabulary) });
  }
  return bound;
}

/** Binds the features, tests and externs among `ids`. */
export async function bindFunctions(
  graph: ModelGraph,
  ids: Iterable<NodeId>,
  scope: Scope,
  models: Models,
): Promise<ReadonlyMap<NodeId, TextFunction>> {
  const bound = new Map<NodeId, TextFunction>();
  for (const id of ids) {
    const node = graph.nodes[id];
    if (node.kind === 'feature') bound.set(id, await models.feature(node, scope));
    else if (node.kind === 'test') bound.set(id, await models.test(node, scope));
    else if (node.kind === 'externScore' || node.kind === 'externEvent') {
      bound.set(id, await models.extern(node, node.range, scope));
    }
  }
  return bound;
}
