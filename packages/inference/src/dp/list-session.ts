import type { LanguageModel } from '@postulate/models';
import { collector, type Listing } from './listing.ts';

interface Prefixes {
  readonly tokens: readonly (readonly number[])[];
  readonly logs: readonly number[];
}

/** Rows scored at a time. */
const ROWS = 512;

/**
 * Lists the support of any model by scoring all prefixes of one length together; undefined where it has more than
 * `limit` sequences. Costs a decoding step per prefix and earlier token, so it is meant for small vocabularies.
 */
export async function listBySession(prior: LanguageModel, limit: number): Promise<Listing | undefined> {
  const out = collector(limit);
  let layer: Prefixes = { tokens: [[]], logs: [0] };
  for (let t = 0; t < prior.maxTokens; t++) {
    const tokens: number[][] = [];
    const logs: number[] = [];
    for (let from = 0; from < layer.tokens.length; from += ROWS) {
      const part = { tokens: layer.tokens.slice(from, from + ROWS), logs: layer.logs.slice(from, from + ROWS) };
      const rows = await nextRows(prior, part.tokens, t);
      const width = prior.vocabulary.size + 1;
      for (let i = 0; i < part.tokens.length; i++) {
        const end = rows[i * width + width - 1];
        if (end > -Infinity && !out.add(part.tokens[i], true, part.logs[i] + end)) return undefined;
        for (let w = 0; w < width - 1; w++) {
          const log = rows[i * width + w];
          if (log === -Infinity) continue;
          tokens.push([...part.tokens[i], w]);
          logs.push(part.logs[i] + log);
        }
        if (tokens.length > limit) return undefined;
      }
    }
    layer = { tokens, logs };
  }
  for (let i = 0; i < layer.tokens.length; i++) {
    if (!out.add(layer.tokens[i], false, layer.logs[i])) return undefined;
  }
  return out.listing();
}

async function nextRows(
  prior: LanguageModel,
  prefixes: readonly (readonly number[])[],
  t: number,
): Promise<ArrayLike<number>> {
  const session = prior.open(prefixes.length);
  for (let i = 0; i < t; i++) await session.advance(Int32Array.from(prefixes, (p) => p[i]));
  return session.logProbs;
}
