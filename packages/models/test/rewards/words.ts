import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { trainBpe } from '../../src/tokenizer/index.ts';
import { initialise } from '../../src/training/initialise.ts';
import { writeModelFolder } from '../../src/training/model-folder.ts';
import { recipeConfig, LM_RECIPE } from '../../src/training/train-lm.ts';
import { parametersOf } from '../../src/transformer/parameters.ts';

export const GOOD = ['lovely', 'kind', 'bright', 'gentle'];
export const BAD = ['awful', 'rude', 'grim', 'nasty'];
const PLAIN = ['day', 'rain', 'house', 'tree', 'road', 'river'];

/** Texts of four words, `good` of them from the good ones and `bad` from the bad ones. */
export function wordTexts(count: number, seed: string): readonly string[] {
  const uniform = seededChooser(seed).uniform as () => number;
  const pick = <T>(items: readonly T[]): T => items[Math.floor(uniform() * items.length)];
  return Array.from({ length: count }, () => Array.from({ length: 4 }, () => pick(pick([GOOD, BAD, PLAIN]))).join(' '));
}

/** Good words minus bad ones. */
export function worth(text: string): number {
  const words = text.split(' ');
  return words.filter((w) => GOOD.includes(w)).length - words.filter((w) => BAD.includes(w)).length;
}

/** A model folder of random weights over a tokenizer of these words; with states that differ from text to text. */
export async function writeBase(folder: string, seed = 'base', width = 64): Promise<string> {
  const tokenizer = trainBpe(wordTexts(500, 'tokenizer'), 340);
  const end = tokenizer.added_tokens[0].id;
  const recipe = { ...LM_RECIPE, width, layers: 2, heads: 2, hidden: 64, length: 16 };
  const config = recipeConfig(recipe, end + 1);
  const weights = initialise(
    parametersOf(config).map((p) => ({ ...p, initial: typeof p.initial === 'number' ? 0.04 : p.initial })),
    seededChooser(seed),
  );
  await writeModelFolder(folder, { config, weights, tokenizer, end, type: 'F32', card: '# base\n' });
  return folder;
}

export const scratchFolder = (): string => mkdtempSync(join(tmpdir(), 'post-reward-'));
