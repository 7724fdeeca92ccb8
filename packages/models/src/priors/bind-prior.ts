import { type Argument, fail, type NodeOf } from '@postulate/graph';
import type { ArrayStore } from '../cache/array-store.ts';
import type { fileDataSource } from '../data/file-data-source.ts';
import { resolveStrings } from '../data/resolve-strings.ts';
import { dataPath } from '../data/text-file.ts';
import { fittedPolicy } from '../policies/fitted.ts';
import type { LanguageModel } from '../port/index.ts';
import {
  type ContextValues,
  countArgument,
  numberEntries,
  optionalNumber,
  optionalString,
  recordEntries,
  stringArgument,
} from './arguments.ts';
import { arpa } from './arpa/arpa.ts';
import { bigram } from './bigram.ts';
import { ngram, type TrainingTexts } from './ngram/ngram.ts';
import { type Level, tokenise } from './ngram/tokenise.ts';
import { prompted, segment } from './prompt.ts';
import { shaped, type Shaping } from './shaping.ts';
import { tabular } from './tabular.ts';

export interface PriorWorld {
  readonly directory: string;
  readonly data: ReturnType<typeof fileDataSource>;
  readonly store: ArrayStore;
  /** What evaluates neural priors; the best that loads where it is left out. */
  readonly runtime?: string | undefined;
  /** True fetches nothing from the hub. */
  readonly offline?: boolean | undefined;
  readonly onProgress?: ((message: string) => void) | undefined;
}

type PriorNode = NodeOf<'prior'>;

/** The language model that a prior of the file means: its builtin, then `prompt`, then `temperature`, `top_k`, `top_p`. */
export async function bindPrior(node: PriorNode, context: ContextValues, world: PriorWorld): Promise<LanguageModel> {
  const shaping: Shaping = {
    temperature: optionalNumber(node.name, node.args, 'temperature'),
    topK: optionalNumber(node.name, node.args, 'top_k'),
    topP: optionalNumber(node.name, node.args, 'top_p'),
  };
  return node.name === 'lm'
    ? lm(node, context, shaping, world)
    : shaped(await promptedModel(node, context, world), shaping);
}

/** Neural models bend their own laws. Nothing of them is read before there is one. */
async function lm(
  { name, args }: PriorNode,
  context: ContextValues,
  shaping: Shaping,
  { directory, runtime, offline, onProgress }: PriorWorld,
): Promise<LanguageModel> {
  const { bindLm } = await import('../lm/bind-lm.ts');
  const source = stringArgument(name, args, 'source', context);
  const prompt = optionalString(name, args, 'prompt', context);
  const maxTokens = countArgument(name, args, 'max_tokens', 'P507');
  return bindLm({ source, maxTokens, prompt, shaping }, directory, { runtime, offline, onProgress });
}

async function promptedModel(node: PriorNode, context: ContextValues, world: PriorWorld): Promise<LanguageModel> {
  const { name, args } = node;
  const prompt = optionalString(name, args, 'prompt', context);
  const continued = (model: LanguageModel, cut?: (text: string) => readonly string[]): LanguageModel =>
    prompt === undefined ? model : prompted(model, prompt, cut ?? ((text) => segment(text, model.vocabulary)));
  switch (name) {
    case 'tabular':
      if (prompt !== undefined) throw fail('P307', 'tabular takes no prompt: its texts are given whole.');
      return tabular(numberEntries(name, 'weights', args.weights));
    case 'bigram':
      return continued(bigramOf(node, context));
    case 'arpa': {
      const file = stringArgument(name, args, 'file', context);
      const separator = optionalString(name, args, 'separator', context) ?? ' ';
      return continued(
        await arpa(dataPath(world.directory, file), file, countArgument(name, args, 'max_tokens', 'P507'), separator),
      );
    }
    case 'ngram': {
      const level = levelOf(node, context);
      return continued(await ngramOf(node, level, context, world), (text) => tokenise(text, level));
    }
    case 'fitted': {
      const folder = stringArgument(name, args, 'folder', context);
      const { runtime } = world;
      const model = await fittedPolicy(dataPath(world.directory, folder), folder, { prompt, runtime });
      const most = optionalNumber(name, args, 'max_tokens');
      return most === undefined ? model : shortened(model, most);
    }
    default:
      throw fail('P503', `there is no prior called ${name} in this version.`);
  }
}

/** A policy stops where it was trained to: fewer tokens would be another law of whole texts, more it never learned. */
function shortened(model: LanguageModel, maxTokens: number): LanguageModel {
  if (maxTokens === model.maxTokens) return model;
  throw fail('P307', `the policy was trained on texts of at most ${model.maxTokens} tokens, not ${maxTokens}.`, {
    help: 'leave max_tokens out.',
  });
}

function bigramOf({ name, args }: PriorNode, context: ContextValues): LanguageModel {
  const rows = recordEntries(name, 'rows', args.rows).map(
    ([row, entries]) => [row, numberEntries(name, `rows["${row}"]`, entries)] as const,
  );
  return bigram(
    rows,
    countArgument(name, args, 'max_tokens', 'P507'),
    optionalString(name, args, 'separator', context),
  );
}

function levelOf({ name, args }: PriorNode, context: ContextValues): Level {
  const level = optionalString(name, args, 'level', context) ?? 'word';
  if (level === 'word' || level === 'char') return level;
  throw fail('P307', `\`level\` of ngram must be "word" or "char", but it is "${level}".`);
}

async function ngramOf(
  node: PriorNode,
  level: Level,
  context: ContextValues,
  world: PriorWorld,
): Promise<LanguageModel> {
  const { name, args } = node;
  const order = countArgument(name, args, 'order', 'P307', 3);
  if (order > MOST_ORDER) throw fail('P307', `\`order\` of ngram must be at most ${MOST_ORDER}, but it is ${order}.`);
  const maxTokens = countArgument(name, args, 'max_tokens', 'P507');
  const texts = await trainingTexts(args.corpus, stringOrNothing(args.corpus, context), world);
  return ngram(texts, { order, level, maxTokens }, world.store, world.onProgress);
}

const MOST_ORDER = 20;

function stringOrNothing(argument: Argument | undefined, context: ContextValues): string | undefined {
  if (argument?.kind === 'data' && argument.source === 'corpus') return argument.name;
  return argument?.kind === 'list' || argument?.kind === 'data'
    ? undefined
    : stringArgument('ngram', { corpus: argument as Argument }, 'corpus', context);
}

/** A corpus by name is keyed by its bytes and parsed only where it must be trained on; a list is taken as it is. */
async function trainingTexts(argument: Argument, name: string | undefined, world: PriorWorld): Promise<TrainingTexts> {
  if (name !== undefined) {
    const raw = await world.data.rawCorpus(name);
    return { name, parts: raw.parts, examples: () => raw.examples() };
  }
  const lines = (await resolveStrings(argument, world.data)).filter((line) => line.trim() !== '');
  return {
    name: argument.kind === 'data' ? argument.name : 'the list',
    parts: ['list', ...lines],
    examples: () => lines,
  };
}
