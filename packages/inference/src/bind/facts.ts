import type { PriorFacts } from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';

/**
 * What a prior tells about its texts: most tokens, and most code points of a text that is so many of its longest token. Decoding never
 * makes more characters than there are bytes.
 */
export function priorFacts(prior: LanguageModel): PriorFacts {
  const { vocabulary, maxTokens } = prior;
  const { bytes } = vocabulary;
  if (bytes !== undefined) return { maxTokens, maxChars: maxTokens * bytes.reduce((m, b) => Math.max(m, b.length), 0) };
  let longest = 0;
  for (const t of vocabulary.tokens) {
    let points = 0;
    for (const _ of t) points++;
    if (points > longest) longest = points;
  }
  const joints = Math.max(0, maxTokens - 1) * [...vocabulary.separator].length;
  return { maxTokens, maxChars: maxTokens * longest + joints };
}
