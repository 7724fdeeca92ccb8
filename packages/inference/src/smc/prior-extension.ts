import type { LanguageModel } from '@postulate/models';
import { andThen } from '../bind/maybe.ts';
import { openRows } from '../rows/index.ts';
import type { Extension } from './extension.ts';
import { pendingTokens } from './pending.ts';

/** Draws the next token from the prior: the bootstrap filter (Gordon, Salmond & Smith 1993). Every prefix counts alike. */
export function priorExtension(prior: LanguageModel): Extension {
  return {
    name: 'prior',
    open(size) {
      const rows = openRows(prior, size);
      const pending = pendingTokens([rows]);
      const cost = { modelCalls: 0, constraintCalls: 0 };
      return {
        cost,
        extend(live, choosers, out) {
          return andThen(pending.settle(), () => {
            for (let i = 0; i < size; i++) {
              if (live[i] === 0) continue;
              const token = rows.draw(i, choosers(i));
              out.tokens[i] = token;
              out.logPrior[i] = token < 0 ? -Infinity : rows.logProb(i, token);
              out.logRatio[i] = token < 0 ? -Infinity : 0;
              out.logTwist[i] = 0;
              cost.modelCalls++;
            }
            pending.drawn(live, out.tokens);
          });
        },
        reorder: (ancestors) => pending.reorder(ancestors),
      };
    },
  };
}
