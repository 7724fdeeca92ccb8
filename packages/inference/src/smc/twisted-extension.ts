import type { Chooser, LanguageModel } from '@postulate/models';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { pickWeight } from '../chooser/index.ts';
import { logSumExp } from '../numeric/index.ts';
import { openRows, type TokenRows } from '../rows/index.ts';
import type { Twist, TwistSession } from '../twists/index.ts';
import type { Extended, Extension } from './extension.ts';
import { pendingTokens } from './pending.ts';
import { sharedDraws, type SharedDraw } from './shared-laws.ts';

/**
 * The locally optimal proposal under a twist ψ (Zhao et al. 2024, arXiv 2404.17546): the next token v with probability
 * ∝ prior(v | s) ψ(s v), whose ratio prior/proposal is Σ prior ψ / ψ(s v).
 */
export function twistedExtension(prior: LanguageModel, twist: Twist, blame?: string): Extension {
  const end = prior.vocabulary.size;
  const drawShared = drawsUnder(prior, twist);
  return {
    name: `twist ${twist.name}`,
    exact: twist.exact,
    ...(blame === undefined ? {} : { blame }),
    open(size) {
      const rows = openRows(prior, size);
      const session = twist.open(size);
      const pending = pendingTokens([rows, session]);
      const scratch = scratchFor(end + 1);
      const { shared } = session;
      const few = shared !== undefined && rows.context !== undefined;
      const draw = (live: Uint8Array, choosers: (row: number) => Chooser, out: Extended): Maybe<void> => {
        if (!few) return extendFrom(0, live, choosers, out, rows, session, scratch);
        for (let i = 0; i < size; i++) if (live[i] === 1) drawShared(i, choosers(i), out, rows, shared);
      };
      const cost = { modelCalls: 0, constraintCalls: 0 };
      return {
        cost,
        extend(live, choosers, out) {
          return andThen(pending.settle(), () =>
            andThen(draw(live, choosers, out), () => {
              let drawn = 0;
              for (let i = 0; i < size; i++) drawn += live[i];
              cost.modelCalls += drawn;
              cost.constraintCalls += drawn;
              pending.drawn(live, out.tokens);
            }),
          );
        },
        reorder: (ancestors) => pending.reorder(ancestors),
      };
    },
  };
}

/** Laws kept of a twist under the prior that it was last run on, by what opens it: runs on one target open the same. */
const kept = new WeakMap<Twist['open'], { readonly prior: LanguageModel; readonly draw: SharedDraw }>();

function drawsUnder(prior: LanguageModel, { open }: Twist): SharedDraw {
  const known = kept.get(open);
  if (known?.prior === prior) return known.draw;
  const draw = sharedDraws(prior.vocabulary.size + 1);
  kept.set(open, { prior, draw });
  return draw;
}

/** Room for the law of one row; logs in nats. */
interface Scratch {
  readonly law: Float64Array;
  readonly psi: Float64Array;
  readonly weights: Float64Array;
  total: number;
}

function scratchFor(width: number): Scratch {
  const room = (): Float64Array => new Float64Array(width);
  return { law: room(), psi: room(), weights: room(), total: 0 };
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

function drawTwisted(i: number, chooser: Chooser, out: Extended, rows: TokenRows, scratch: Scratch): void {
  const { law, psi } = scratch;
  rows.fill(i, law);
  let max = -Infinity;
  for (let v = 0; v < law.length; v++) {
    law[v] = psi[v] === -Infinity ? -Infinity : law[v] + psi[v];
    if (law[v] > max) max = law[v];
  }
  if (max === -Infinity) {
    out.tokens[i] = -1;
    out.logPrior[i] = out.logRatio[i] = -Infinity;
    out.logTwist[i] = 0;
    return;
  }
  const token = (out.tokens[i] = choose(scratch, max, chooser));
  out.logPrior[i] = rows.logProb(i, token);
  out.logRatio[i] = scratch.total - psi[token];
  out.logTwist[i] = psi[token];
}

/** Draws from `law`, whose largest entry is `max`, and leaves the log of its sum in `total`: one exponential an entry. */
function choose(scratch: Scratch, max: number, chooser: Chooser): number {
  const { law, weights } = scratch;
  if (chooser.uniform === undefined) {
    scratch.total = logSumExp(law);
    return chooser.choose(law);
  }
  let sum = 0;
  for (let v = 0; v < law.length; v++) sum += weights[v] = Math.exp(law[v] - max);
  scratch.total = max + Math.log(sum);
  return pickWeight(weights, law.length, sum, chooser.uniform());
}
