import type { LanguageModel, Models, SequenceBatch, Steerable } from '@postulate/models';
import { LLAMA, toyDecoder } from '../../../models/test/rewards/support.ts';
import { SteeredDecoding } from '../../../models/src/transformer/steered.ts';
import { bind, type Target } from '../../src/index.ts';
import { packDrawn } from '../../src/continuation/index.ts';
import { graphOf, models } from '../bind/support.ts';

/** Tokens of the toy transformer; the first is the one that starts and ends texts. */
const TOKENS = ['<end>', 'a', 'b', 'c'];
const MAX_TOKENS = 3;

/** A transformer of random weights over three letters, at most three of them. */
export function steerableToy(prompt: readonly number[] = []): LanguageModel {
  const decoder = toyDecoder({ ...LLAMA, vocab_size: TOKENS.length }, 0.25);
  const end = TOKENS.length;
  const steerable: Steerable = {
    states: 'toy',
    singleTokens: (text) => (TOKENS.includes(text) ? [TOKENS.indexOf(text)] : []),
    openSteered: (rows, goal, klScale) => SteeredDecoding.open(decoder, rows, goal, klScale, { prompt }),
  };
  const rowsOf = async (tokens: readonly number[]): Promise<Float64Array> => {
    const decoding = decoder.open(1, 'logProbs');
    let law = new Float32Array();
    for (const id of [decoder.end, ...prompt, ...tokens])
      law = Float32Array.from(await decoding.step(Int32Array.of(id)));
    decoding.dispose();
    return normalised(law);
  };
  const logProb = async (batch: SequenceBatch): Promise<Float64Array> => {
    const out = new Float64Array(batch.size);
    for (let i = 0; i < batch.size; i++) {
      const tokens = [...batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1])];
      const all = batch.finished[i] === 1 ? [...tokens, end] : tokens;
      for (let t = 0; t < all.length; t++) out[i] += (await rowsOf(all.slice(0, t)))[all[t]];
    }
    return out;
  };
  return {
    id: 'toy',
    vocabulary: { size: end, tokens: TOKENS, separator: '' },
    maxTokens: MAX_TOKENS,
    capabilities: new Set(['sample', 'completeScore']),
    open: () => {
      throw new Error('not needed here');
    },
    logProb,
    sample: async (count, chooser) => {
      const drawn = [];
      for (let i = 0; i < count; i++) {
        const own = chooser.split(i);
        const text = { tokens: [] as number[], finished: false, logProb: 0 };
        while (!text.finished && text.tokens.length < MAX_TOKENS) {
          const law = await rowsOf(text.tokens);
          const token = own.choose(law);
          text.logProb += law[token];
          if (token === end) text.finished = true;
          else text.tokens.push(token);
        }
        drawn.push(text);
      }
      return packDrawn(drawn);
    },
    steerable,
  };
}

/** In doubles, so that masses add up to one. */
function normalised(law: Float32Array): Float64Array {
  const total = law.reduce((sum, l) => sum + Math.exp(l), 0);
  return Float64Array.from(law, (l) => l - Math.log(total));
}

/** A posterior over the toy. */
export async function toyTarget(factors: string, prior = steerableToy()): Promise<Target> {
  const own: Models = { ...models, prior: async () => prior };
  return (await bind(graphOf(`prior = lm("toy", max_tokens = 3)\nposterior = prior ${factors}\n`), undefined, own))[0];
}
