import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail, type PostError } from '@postulate/graph';
import { folderJson } from '../hub/folder-json.ts';
import type { Arrays } from '../training/adam-w.ts';
import { openSafetensors, openWeights, type Weights, writeSafetensors } from '../weights/index.ts';
import { type HeadConfig, headParameters } from './head-config.ts';
import { REWARD_KINDS, type RewardKind } from './kinds.ts';

/** A trained head, or the members of an ensemble, as a folder keeps it. */
export interface RewardConfig {
  readonly kind: RewardKind;
  readonly head: HeadConfig;
  /** The model whose states it reads: its name or path, and the id of its content. */
  readonly base: { readonly source: string; readonly id: string };
  readonly labels: readonly string[];
  /** Outputs are (raw − centre) / scale for each member: rewards centred and calibrated, ratings in their own units. */
  readonly centres: readonly number[];
  readonly scales: readonly number[];
  /** What margins or logits were divided by to make them probabilities; part of `scales`. */
  readonly temperature: number;
}

export interface StoredReward {
  readonly config: RewardConfig;
  readonly members: readonly Arrays[];
}

const TYPE = 'postulate-reward';
const WEIGHTS = 'model.safetensors';

/** Writes `config.json`, the README and the arrays, these last, so that a folder with arrays is whole. */
export async function writeReward(folder: string, { config, members }: StoredReward, card: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = { model_type: TYPE, ...config };
  await writeFile(join(folder, 'config.json'), `${JSON.stringify(json, null, 2)}\n`);
  await writeFile(join(folder, 'README.md'), card);
  const tensors = members.flatMap((arrays, m) =>
    headParameters(config.head).map(({ name, shape }) => ({
      name: `${m}.${name}`,
      shape,
      data: arrays.get(name) as Float32Array,
    })),
  );
  await writeSafetensors(join(folder, WEIGHTS), tensors);
}

/** What a folder holds: a head of this project's, or a sequence classifier in the Hugging Face layout. P511, P510, P521. */
export async function readReward(folder: string): Promise<StoredReward> {
  const json = existsSync(folder) ? await folderJson(folder, 'config.json') : undefined;
  if (json === undefined) {
    throw fail('P521', `there is no reward model in "${folder}".`, {
      kind: 'outside',
      help: 'name a folder that post train-reward wrote, or a sequence classifier in the Hugging Face layout.',
    });
  }
  if (json['model_type'] === TYPE) return own(folder, json);
  const architectures = json['architectures'];
  const name = Array.isArray(architectures) ? String(architectures[0]) : '';
  if (name.endsWith('ForSequenceClassification')) return classifier(folder, json);
  throw unusable(
    folder,
    'its config.json is that of no reward model or classifier',
    'train one with post train-reward.',
  );
}

function unusable(folder: string, what: string, help: string): PostError {
  return fail('P521', `"${folder}" cannot be used as a reward model: ${what}.`, { kind: 'outside', help });
}

async function own(folder: string, json: Readonly<Record<string, unknown>>): Promise<StoredReward> {
  const config = json as unknown as RewardConfig;
  const { kind, head, base, centres, scales } = config;
  const whole =
    REWARD_KINDS.includes(kind) && head && typeof base?.source === 'string' && centres?.length === scales?.length;
  if (!whole) throw unusable(folder, 'its config.json is incomplete', 'train it again with post train-reward.');
  const stored = await openSafetensors(join(folder, WEIGHTS));
  const members: Arrays[] = [];
  for (let m = 0; m < centres.length; m++) members.push(await arraysOf(head, stored, `${m}.`));
  return { config, members };
}

async function arraysOf(head: HeadConfig, stored: Weights, prefix: string): Promise<Arrays> {
  const arrays = new Map<string, Float32Array>();
  for (const { name } of headParameters(head)) arrays.set(name, await stored.read(`${prefix}${name}`));
  return arrays;
}

/** `score.weight` [labels, width] over the last token's state (GPT-2 and Llama); one label is a reward. */
async function classifier(folder: string, json: Readonly<Record<string, unknown>>): Promise<StoredReward> {
  const stored = await openWeights(folder);
  const layer = ['score', 'classifier'].find((name) => stored.tensors.has(`${name}.weight`));
  if (layer === undefined)
    throw unusable(folder, 'there is no score.weight among its arrays', 'only linear heads of this layout are read.');
  const [outputs, width] = (stored.tensors.get(`${layer}.weight`) as { readonly shape: readonly number[] }).shape;
  const bias = stored.tensors.has(`${layer}.bias`);
  const arrays = new Map([['score.weight', await stored.read(`${layer}.weight`)]]);
  if (bias) arrays.set('score.bias', await stored.read(`${layer}.bias`));
  const head: HeadConfig = { head: 'linear', pooling: 'last', width, outputs, heads: 1, hidden: width, bias };
  return {
    config: {
      kind: outputs === 1 ? 'bt' : 'label',
      head,
      base: { source: folder, id: '' },
      labels: outputs === 1 ? [] : labelsOf(json, outputs),
      centres: [0],
      scales: [1],
      temperature: 1,
    },
    members: [arrays],
  };
}

function labelsOf(json: Readonly<Record<string, unknown>>, count: number): readonly string[] {
  const names = json['id2label'];
  const of = (typeof names === 'object' && names !== null ? names : {}) as Readonly<Record<string, unknown>>;
  return Array.from({ length: count }, (_, i) => String(of[String(i)] ?? `LABEL_${i}`));
}
