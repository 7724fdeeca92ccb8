import { sumLaw, type SolvedTerm } from '../dp/index.ts';
import { gatherFloats, gatherIntegers, logSumExp } from '../numeric/index.ts';
import { componentRows } from './component-rows.ts';
import { openMixed } from './lookahead-mixture.ts';
import { Followers } from './followers.ts';
import { termRows } from './term-rows.ts';
import type { Twist, TwistedLaw, TwistSession } from './twist.ts';

/** Name of the twist that is what φ is expected to come to. */
export const LOOKAHEAD = 'lookahead';

/**
 * ψ*(x₁…x_t) = E[φ | x₁…x_t] from the backward passes of the posterior: exp(outputs so far) · B(t, context, state)
 * (`algorithms.md` 11.1). Where the posterior is a sum of such terms, each counts by the probability that the prefix gives its
 * component. `logWeights` are those of the prior's components; `own` says that the tables are the prior itself and not a
 * stand-in for it, so that whole texts can be drawn at once.
 */
export function lookaheadTwist(
  solved: readonly SolvedTerm[],
  logWeights: Float64Array,
  own: boolean,
  exact: boolean,
): Twist {
  const rows = solved.map(({ b }) => termRows(b));
  const parts = [...logWeights].map((_, c) => componentRows(solved.find((t) => t.term.component === c)!.b.prepared));
  const open = (size: number): TwistSession =>
    logWeights.length === 1 && solved.length === 1
      ? openSingle(solved[0], rows[0], size)
      : openMixed({ solved, rows, parts, logWeights }, size);
  const total = logSumExp(solved.map((t) => t.logZ));
  return { name: LOOKAHEAD, exact, open, law: own && total > -Infinity ? lawOf(solved) : undefined };
}

function lawOf(solved: readonly SolvedTerm[]): TwistedLaw {
  const law = sumLaw(solved);
  return {
    draw: (chooser) => law.draw(chooser),
    logProb: (tokens, finished) => law.logWeight(tokens, finished) - law.logZ,
  };
}

function openSingle({ term, b }: SolvedTerm, rows: ReturnType<typeof termRows>, size: number): TwistSession {
  const by = new Followers(b.machine, Infinity, size);
  let contexts = new Int32Array(size).fill(term.table.start);
  let logValues = new Float64Array(size).fill(rows.value(0, b.machine.start, term.table.start, 0));
  return {
    get logValues() {
      return logValues;
    },
    next(row, out) {
      if (contexts[row] === -1) out.fill(-Infinity);
      else rows.next(by.t, by.state[row], contexts[row], by.partial[row], out);
    },
    advance(tokens) {
      by.advance(tokens);
      for (let i = 0; i < contexts.length; i++) {
        if (by.ended[i] === 1) continue;
        const h = (contexts[i] = contexts[i] === -1 ? -1 : rows.target(contexts[i], tokens[i]));
        logValues[i] = h === -1 ? -Infinity : rows.value(by.t, by.state[i], h, by.partial[i]);
      }
    },
    reorder(ancestors) {
      by.reorder(ancestors);
      contexts = gatherIntegers(contexts, ancestors);
      logValues = gatherFloats(logValues, ancestors);
    },
  };
}
