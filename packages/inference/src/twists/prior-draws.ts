import type { Chooser, LanguageModel, SequenceBatch } from '@postulate/models';
import { joinBatches } from '../bind/index.ts';
import { tellSlowly } from './tell-slowly.ts';

/** Texts drawn at a time from a prior that takes its time. */
const BLOCK = 256;

export interface PriorDraws {
  readonly prior: LanguageModel;
  readonly chooser: Chooser;
  readonly signal: AbortSignal | undefined;
  readonly tell: ((message: string) => void) | undefined;
}

/**
 * Texts of the prior that a twist is fitted on: `many` of a finite-state prior, which answers at once, `few` of one that takes its
 * time, such as a network. Those come in blocks, between which it says how far it is and looks at the signal, whose reason it throws.
 */
export async function priorDraws(
  { prior, chooser, signal, tell }: PriorDraws,
  { many, few }: { readonly many: number; readonly few: number },
  what: string,
): Promise<SequenceBatch> {
  const first = prior.sample(Math.min(BLOCK, few), chooser.split(0));
  if (!(first instanceof Promise)) return prior.sample(many, chooser);
  const blocks: SequenceBatch[] = [await first];
  const say = tellSlowly(tell);
  for (let have = blocks[0].size; have < few; have += blocks[blocks.length - 1].size) {
    signal?.throwIfAborted();
    say(() => `${what}: ${have} of ${few} texts of the prior`);
    blocks.push(await prior.sample(Math.min(BLOCK, few - have), chooser.split(blocks.length)));
  }
  return joinBatches(blocks);
}
