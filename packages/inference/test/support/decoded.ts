import type { LanguageModel } from '@postulate/models';
import type { Target } from '../../src/index.ts';

/** The same model, known by its decode session alone, which answers at once or later. */
export function decodedOnly(prior: LanguageModel, waits: boolean): LanguageModel {
  const { table: _, ...rest } = prior;
  return {
    ...rest,
    open(size) {
      const inner = prior.open(size);
      if (!waits) return inner;
      return {
        get logProbs() {
          return inner.logProbs;
        },
        advance: (tokens) => Promise.resolve().then(() => inner.advance(tokens.slice())),
        reorder: (ancestors) => inner.reorder(ancestors),
      };
    },
  };
}

/** The same target with such a prior. */
export const asSession = (t: Target, waits = false): Target => ({ ...t, prior: decodedOnly(t.prior, waits) });
