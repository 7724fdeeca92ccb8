import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import type { ModelGraph } from '@postulate/graph';
import { createModels, packSequences, textBatch, type LanguageModel, type TextBatch } from '@postulate/models';
import { compile } from '../../../dsl/src/index.ts';
import { bind, type Target } from '../../src/index.ts';

const FIXTURES = fileURLToPath(new URL('../../../testing/fixtures/', import.meta.url));

/** The prior of most tests: two letters, at most three of them. */
export const PRIOR =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 3)\n';

export function graphOf(text: string, set?: Readonly<Record<string, number>>): ModelGraph {
  const { graph, diagnostics } = compile(text, 'test.post', set ? { set } : {});
  if (!graph) throw new Error(diagnostics.map((d) => d.message).join('\n'));
  return graph;
}

export const models = createModels({ directory: FIXTURES, cacheDirectory: null });

export const bindAll = (text: string, posterior?: string): Promise<readonly Target[]> =>
  bind(graphOf(text), posterior, models);

export async function target(text: string, posterior?: string): Promise<Target> {
  return (await bindAll(text, posterior))[0];
}

export interface Answer {
  readonly zeroMass?: boolean;
  readonly logZ: number;
  readonly entropy: number;
  readonly klToPrior: number;
  readonly expectations: Readonly<Record<string, number>>;
  readonly lambda?: readonly number[];
  readonly support?: Readonly<Record<string, number>>;
}

/** The answers of a fixture by posterior, those for other params left out. */
export function answersOf(name: string): readonly (readonly [string, Answer])[] {
  const all = JSON.parse(readFileSync(`${FIXTURES}${name}.json`, 'utf8')) as Readonly<Record<string, Answer>>;
  return Object.entries(all).filter(([posterior]) => /^\w+$/.test(posterior));
}

export const fixture = (name: string, posterior: string): Promise<Target> =>
  target(readFileSync(`${FIXTURES}${name}.post`, 'utf8'), posterior);

/** Every sequence a prior of few tokens can produce, and those of zero mass too. */
export function everySequence(prior: Pick<LanguageModel, 'vocabulary' | 'maxTokens'>): TextBatch {
  const sequences: number[][] = [];
  const finished: boolean[] = [];
  let layer: number[][] = [[]];
  for (let t = 0; t <= prior.maxTokens; t++) {
    for (const s of layer) {
      sequences.push(s);
      finished.push(t < prior.maxTokens);
    }
    layer = layer.flatMap((s) => Array.from({ length: prior.vocabulary.size }, (_, w) => [...s, w]));
  }
  return textBatch(prior.vocabulary, packSequences(sequences, finished));
}
