import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compile } from '@postulate/dsl';
import { PostError } from '@postulate/graph';
import { bind, type Target } from '@postulate/inference';
import { createModels } from '@postulate/models';
import { data } from './paths.ts';

/** Binds one posterior of a source, as the command would. */
export async function targetOf(text: string, directory: string, posterior: string): Promise<Target> {
  const { graph, diagnostics } = compile(text, 'bench.post', {});
  if (graph === undefined) throw new PostError(diagnostics);
  return (await bind(graph, posterior, createModels({ directory })))[0];
}

export const markov6 = (posterior: 'A' | 'B' | 'C'): Promise<Target> => {
  const path = join(data, 'markov6.post');
  return targetOf(readFileSync(path, 'utf8'), dirname(path), posterior);
};

export interface Answer {
  /** Nats. */
  readonly logZ: number;
  /** Of every named score and event. */
  readonly expectations: Readonly<Record<string, number>>;
  readonly lambda?: readonly number[];
}

/** Tokens of every text of `markov6.arpa`. */
export const TEXT_LENGTH = 8;

/** Exact answers of the prior and the posteriors of `markov6.post`, by enumeration of all 6^8 sequences. */
export const ANSWERS = JSON.parse(readFileSync(join(data, 'markov6.json'), 'utf8')) as Record<
  'prior' | 'A' | 'B' | 'C',
  Answer
>;
