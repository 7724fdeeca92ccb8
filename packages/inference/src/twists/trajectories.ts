import type { LanguageModel, TextBatch } from '@postulate/models';
import { asTexts } from '../bind/index.ts';
import type { Place } from './features.ts';
import type { Successors } from './successors.ts';

/**
 * Texts drawn token by token without resampling, and what was known at each of their steps. Arrays by step have `maxTokens`
 * entries a text; step j of a text, from 0, drew its token j, or its end where j is its length.
 */
export interface Trajectories {
  readonly size: number;
  readonly maxTokens: number;
  /** Tokens by step. */
  readonly tokens: Int32Array;
  /** State of the joint automaton after the step. */
  readonly states: Int32Array;
  /** What the automaton has gathered after the step; all of its value where the text is complete then. Nats. */
  readonly gathered: Float64Array;
  /** log prior − log proposal of what was drawn up to the step. */
  readonly logRatio: Float64Array;
  /** Steps of each text after which the automaton was alive. */
  readonly counts: Int32Array;
  /** 1 for texts that ended by an end of sequence. */
  readonly finished: Uint8Array;
  /** log of prior · φ / proposal of each text; −∞ where it has no weight. */
  readonly logWeight: Float64Array;
  /** log φ of each text less what the automaton gathered; −∞ where it has no weight. */
  readonly rest: Float64Array;
  /** What could have followed each prefix, where it was kept. */
  readonly successors: Successors | undefined;
}

/** Trajectories as they come to be. */
export type Growing = { -readonly [K in keyof Trajectories]: Trajectories[K] };

export function emptyTrajectories(size: number, maxTokens: number): Growing {
  const steps = size * maxTokens;
  return {
    ...{ size, maxTokens, tokens: new Int32Array(steps), states: new Int32Array(steps), successors: undefined },
    ...{ gathered: new Float64Array(steps), logRatio: new Float64Array(steps) },
    ...{ counts: new Int32Array(size), finished: new Uint8Array(size) },
    logWeight: new Float64Array(size).fill(-Infinity),
    rest: new Float64Array(size).fill(-Infinity),
  };
}

/** Where text `i` stood after step `j`. */
export function placeAt(x: Trajectories, i: number, j: number): Place {
  const at = i * x.maxTokens + j;
  const byEnd = x.finished[i] === 1 && j === x.counts[i] - 1;
  const t = byEnd ? j : j + 1;
  const last = i * x.maxTokens + t - 1;
  return {
    ...{ t, state: x.states[at], token: t > 0 ? x.tokens[last] : -1, before: t > 1 ? x.tokens[last - 1] : -1 },
    ended: byEnd || t === x.maxTokens ? 1 : 0,
  };
}

/** The texts that are complete, with their numbers. */
export function completeTexts(
  x: Pick<Trajectories, 'size' | 'maxTokens' | 'tokens' | 'counts' | 'finished'>,
  { vocabulary }: Pick<LanguageModel, 'vocabulary'>,
): { readonly numbers: readonly number[]; readonly texts: TextBatch } {
  const numbers: number[] = [];
  const tokens: number[] = [];
  const offsets = [0];
  for (let i = 0; i < x.size; i++) {
    const length = x.counts[i] - x.finished[i];
    if (x.finished[i] === 0 && length < x.maxTokens) continue;
    numbers.push(i);
    for (let k = 0; k < length; k++) tokens.push(x.tokens[i * x.maxTokens + k]);
    offsets.push(tokens.length);
  }
  const finished = Uint8Array.from(numbers, (i) => x.finished[i]);
  const batch = { size: numbers.length, tokens: Int32Array.from(tokens), offsets: Int32Array.from(offsets), finished };
  return { numbers, texts: asTexts(vocabulary, batch) };
}
