import { fail, type NodeOf } from '@postulate/graph';
import type { TextBatch } from '../port/sequences.ts';
import type { TextFunction } from '../port/text-function.ts';
import type { RewardModel } from '../rewards/reward-model.ts';
import { countOf, type Resolving, stringOf } from './arguments.ts';

/** Opens the reward model or classifier of a folder, each once. */
export type OpenReward = (source: string) => Promise<RewardModel>;

const NAMES: ReadonlySet<string> = new Set(['classifier', 'reward_model']);

export const isLearned = ({ name }: NodeOf<'feature'>): boolean => NAMES.has(name);

/**
 * A score that a trained model gives a text's string: `classifier`, `reward_model`, or one of the equally likely slices of the latter's
 * distribution. Errors: P521 for a folder that holds no such model or lacks the label, and those of model folders.
 */
export async function bindLearned(node: NodeOf<'feature'>, from: Resolving, open: OpenReward): Promise<TextFunction> {
  const { args } = node;
  const source = await stringOf(node, 'source', from);
  const prompt = args['prompt'] === undefined ? '' : await stringOf(node, 'prompt', from);
  const model = await open(source);
  const none = { machine: () => undefined };
  const scored = (score: (outputs: readonly Float32Array[], size: number) => Float64Array) => ({
    ...none,
    values: async (batch: TextBatch) => score(await model.outputsOf(batch, prompt), batch.size),
  });
  if (node.name === 'classifier') {
    const label = model.labelIndex(args['label'] === undefined ? undefined : await stringOf(node, 'label', from));
    return { ...scored((outputs, size) => model.labelLogProbs(outputs, size, label)), classifier: model.linear(label) };
  }
  model.requireReward();
  if (args['slices'] === undefined) return scored((outputs, size) => model.rewards(outputs, size));
  const { slice } = args;
  if (slice?.kind !== 'number') throw fail('P100', 'a slice of a distribution needs its place');
  const count = countOf(node, 'slices');
  return scored((outputs, size) => model.slice(outputs, size, slice.value, count));
}
