import type { Chooser, LanguageModel } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { logSumExp } from '../numeric/index.ts';
import { openRows, type TokenRows } from '../rows/index.ts';
import type { Twist, TwistSession } from '../twists/index.ts';
import type { Extended, Extension } from './extension.ts';
import { pendingTokens } from './pending.ts';

/**
 * The locally optimal proposal under a twist ψ (Zhao et al. 2024, arXiv 2404.17546): the next token v with probability
 * ∝ prior(v | s) ψ(s v), whose ratio prior/proposal is Σ prior ψ / ψ(s v).
 */
export function twistedExtension(prior: LanguageModel, twist: Twist, blame?: string): Extension {
  const end = prior.vocabulary.size;
  return {
    name: `twist ${twist.name}`,
    exact: twist.exact,
    ...(blame === undefined ? {} : { blame }),
    open(size) {
      const rows = openRows(prior, size);
      const session = twist.open(size);
      const pending = pendingTokens([rows, session]);
      const scratch: Scratch = { law: new Float64Array(end + 1), psi: new Float64Array(end + 1) };
      const cost = { modelCalls: 0, constraintCalls: 0 };
      let steps = 0;
      return {
        cost,
        extend(live, choosers, out) {
          return andThen(pending.settle(), () =>
            andThen(extendFrom(0, live, choosers, out, rows, session, scratch), () => {
              steps++;
              for (let i = 0; i < size; i++) {
                if (live[i] === 0) continue;
                cost.modelCalls++;
                cost.constraintCalls++;
                // A text that is complete is weighed by its factors.
                if (out.tokens[i] === end || steps === prior.maxTokens) out.logTwist[i] = 0;
              }
              pending.drawn(live, out.tokens);
            }),
          );
        },
        reorder: (ancestors) => pending.reorder(ancestors),
      };
    },
  };
}

interface Scratch {
  readonly law: Float64Array;
  readonly psi: Float64Array;
}

function extendFrom(
  from: number,
  live: Uint8Array,
  choosers: (row: number) => Chooser,
  out: Extended,
  rows: TokenRows,
  session: TwistSession,
  scratch: Scratch,
): Maybe<void> {
  for (let i = from; i < live.length; i++) {
    if (live[i] === 0) continue;
    const filled = session.next(i, scratch.psi);
    if (filled instanceof Promise) {
      return filled.then(() => {
        drawTwisted(i, choosers(i), out, rows, scratch);
        return extendFrom(i + 1, live, choosers, out, rows, session, scratch);
      });
    }
    drawTwisted(i, choosers(i), out, rows, scratch);
  }
  return undefined;
}

function drawTwisted(i: number, chooser: Chooser, out: Extended, rows: TokenRows, { law, psi }: Scratch): void {
  rows.fill(i, law);
  for (let v = 0; v < law.length; v++) law[v] = psi[v] === -Infinity ? -Infinity : law[v] + psi[v];
  const total = logSumExp(law);
  const token = total === -Infinity ? -1 : chooser.choose(law);
  out.tokens[i] = token;
  out.logPrior[i] = token < 0 ? -Infinity : rows.logProb(i, token);
  out.logRatio[i] = token < 0 ? -Infinity : total - psi[token];
  out.logTwist[i] = token < 0 ? 0 : psi[token];
}
