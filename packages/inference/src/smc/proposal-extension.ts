import type { LanguageModel } from '@postulate/models';
import { andThen } from '../bind/maybe.ts';
import { openRows } from '../rows/index.ts';
import type { Extension } from './extension.ts';
import { pendingTokens } from './pending.ts';

/**
 * Draws the next token from another model over the same vocabulary and corrects by prior/proposal; without another, from
 * the prior itself.
 */
export function proposalExtension(prior: LanguageModel, proposal: LanguageModel | undefined): Extension {
  return {
    name: proposal === undefined ? 'prior' : `proposal ${proposal.id}`,
    open(size) {
      const rows = openRows(prior, size);
      const proposed = proposal === undefined ? rows : openRows(proposal, size);
      const pending = pendingTokens(proposal === undefined ? [rows] : [rows, proposed]);
      const cost = { modelCalls: 0, constraintCalls: 0 };
      return {
        cost,
        extend(live, choosers, out) {
          return andThen(pending.settle(), () => {
            for (let i = 0; i < size; i++) {
              if (live[i] === 0) continue;
              const token = proposed.draw(i, choosers(i));
              out.tokens[i] = token;
              out.logPrior[i] = token < 0 ? -Infinity : rows.logProb(i, token);
              out.logRatio[i] =
                token < 0 ? -Infinity : proposed === rows ? 0 : out.logPrior[i] - proposed.logProb(i, token);
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
