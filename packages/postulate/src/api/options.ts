import { resolve } from 'node:path';
import { fail } from '@postulate/graph';
import type { RunOptions as InferenceOptions, Target } from '@postulate/inference';
import { fittedPolicy, type LanguageModel } from '@postulate/models';
import { didYouMean } from '../suggest.ts';
import type { RunOptions } from './types.ts';

/** The same target, reporting only the named functions asked for. */
export function expecting(target: Target, names: readonly string[] | undefined): Target {
  if (names === undefined || names.length === 0) return target;
  const known = target.named.map((f) => f.name);
  const missing = names.find((n) => !known.includes(n));
  if (missing !== undefined) {
    throw fail('P901', `the file has no score or event named "${missing}".${didYouMean(missing, known)}`, {
      kind: 'usage',
      help: known.length === 0 ? 'it names no score and no event' : `it names ${known.join(', ')}`,
    });
  }
  return { ...target, named: target.named.filter((f) => names.includes(f.name)) };
}

/** The options of a run with their defaults, as the engines take them. */
export function inferenceOptions(
  options: RunOptions,
): InferenceOptions & { readonly draws: number; readonly seed: string } {
  const { engine = 'auto', n = 100, seed = '0', options: own = {}, budget = Infinity } = options;
  return { engine, draws: n, seed, options: own, budget };
}

/** The policy in a run folder, as it is for member `member` of a family; undefined where no folder is named. */
export function proposalLaw(folder: string | undefined, member: number): LanguageModel | undefined {
  return folder === undefined ? undefined : fittedPolicy(resolve(folder), folder, { member });
}
