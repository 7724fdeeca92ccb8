import type { LanguageModel } from '@postulate/models';
import { batchOf, type TokenText } from '../arbitraries/texts.ts';

/** The text without the tokens from `at` on, `count` of them. */
function without({ tokens }: TokenText, at: number, count: number, maxTokens: number): TokenText {
  const left = [...tokens.slice(0, at), ...tokens.slice(at + count)];
  return { tokens: left, finished: left.length < maxTokens };
}

/** Every way to leave out a run of tokens: long runs first, and every single token among them. */
export function shorter(text: TokenText, maxTokens: number): readonly TokenText[] {
  const { length } = text.tokens;
  const found: TokenText[] = [];
  for (let count = length; count >= 1; count = count === 1 ? 0 : Math.ceil(count / 2)) {
    const step = Math.max(1, Math.floor(count / 2));
    for (let at = 0; at + count <= length; at += step) found.push(without(text, at, count, maxTokens));
    if ((length - count) % step !== 0) found.push(without(text, length - count, count, maxTokens));
  }
  return found;
}

/** Likelier tokens tried in each place. */
const TRIED = 6;

/** The same length with one token changed for one that the prior finds likely there. */
export async function likelier(text: TokenText, model: LanguageModel): Promise<readonly TokenText[]> {
  const { tokens, finished } = text;
  const width = model.vocabulary.size + 1;
  const session = model.open(1);
  const found: TokenText[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const row = session.logProbs.subarray(0, width - 1);
    for (const token of highest(row, TRIED)) {
      if (token !== tokens[at]) found.push({ tokens: tokens.map((t, i) => (i === at ? token : t)), finished });
    }
    if (at + 1 < tokens.length) await session.advance(Int32Array.of(tokens[at]));
  }
  return found;
}

/** Indices of the largest values above −∞, largest first. */
export function highest(row: ArrayLike<number>, most: number): readonly number[] {
  const best: number[] = [];
  for (let i = 0; i < row.length; i++) {
    if (row[i] === -Infinity || (best.length === most && row[i] <= row[best[most - 1]])) continue;
    let at = best.length;
    while (at > 0 && row[best[at - 1]] < row[i]) at--;
    best.splice(at, 0, i);
    if (best.length > most) best.pop();
  }
  return best;
}

/** log prior of each text, nats. */
export async function logPriors(texts: readonly TokenText[], model: LanguageModel): Promise<Float64Array> {
  return model.logProb(batchOf(model, texts));
}
