import type { LmRecipe } from '@postulate/models/neural';
import { figure, grouped } from '../cli/numbers.ts';

export interface LmFigures {
  readonly corpus: string;
  readonly texts: { readonly training: number; readonly heldOut: number; readonly heldOutBytes: number };
  readonly tokens: number;
  readonly parameters: number;
  readonly steps: number;
  readonly seed: string;
  readonly recipe: LmRecipe;
  /** Mean over the last steps, nats a token. */
  readonly trainingLoss: number;
  readonly bitsPerByte: number;
  readonly seconds: number;
}

/** The README of a trained language model: what it is, what it learned from, how well it predicts, how to make it again. */
export function lmCard(name: string, f: LmFigures): string {
  const { recipe: r, texts } = f;
  const rows: readonly (readonly [string, string])[] = [
    ['parameters', grouped(f.parameters)],
    [
      'architecture',
      `Llama: ${r.layers} layers, width ${r.width}, ${r.heads} heads, feed-forward ${r.hidden}, tied embedding`,
    ],
    ['tokenizer', `byte-level BPE, ${grouped(r.vocabulary)} tokens, trained on the same texts`],
    [
      'data',
      `${f.corpus}: ${grouped(texts.training)} texts to learn from (${grouped(f.tokens)} tokens), ${grouped(texts.heldOut)} held out`,
    ],
    [
      'training',
      `${grouped(f.steps)} steps of ${r.batch} rows of ${r.length} tokens, ${r.epochs} epochs, AdamW, peak rate ${r.rate}, seed ${f.seed}`,
    ],
    ['training loss', `${figure(Number(f.trainingLoss.toPrecision(4)))} nats a token (mean of the last 100 steps)`],
    ['held-out loss', `${f.bitsPerByte.toFixed(3)} bits a byte`],
  ];
  return [
    `# ${name}`,
    '',
    'A small language model that `post train-lm` trained. Each text stands on its own: it begins after `<|endoftext|>` and ends with it.',
    '',
    '| | |',
    '| --- | --- |',
    ...rows.map(([what, value]) => `| ${what} | ${value} |`),
    '',
    `The held-out loss is −Σ log₂ p over the ${grouped(texts.heldOutBytes)} bytes of the held-out texts, one a line, each predicted from its own`,
    'start, the end of each text counted as its line break.',
    '',
    '```',
    `post train-lm ${f.corpus} --out ${name} --seed ${f.seed}${recipeFlags(r)}`,
    '```',
    '',
    'It knows sentences, not facts; what it says reflects the texts it was trained on.',
    '',
  ].join('\n');
}

function recipeFlags(recipe: LmRecipe): string {
  const names = ['vocabulary', 'width', 'layers', 'heads', 'hidden', 'epochs', 'batch', 'length', 'rate'] as const;
  return names.map((name) => ` --${name} ${recipe[name]}`).join('');
}
