import type { SolvedTerm } from '../dp/index.ts';
import { logSumExp } from '../numeric/index.ts';
import type { ComponentRows } from './component-rows.ts';
import { Followers } from './followers.ts';
import type { TermRows } from './term-rows.ts';
import type { TwistSession } from './twist.ts';

/** A posterior that is a sum of terms; `parts` and `logWeights` are by component of the prior. */
export interface MixedTerms {
  readonly solved: readonly SolvedTerm[];
  readonly rows: readonly TermRows[];
  readonly parts: readonly ComponentRows[];
  readonly logWeights: Float64Array;
}

/** Where every row is, in every component and term. */
interface Places {
  /** Per component: context of each row, −1 where the component cannot give its prefix. */
  contexts: Int32Array[];
  /** Per component: log of its weight times the probability it gives to the prefix. */
  logMass: Float64Array[];
  readonly by: readonly Followers[];
  logValues: Float64Array;
}

/** log ψ = log Σₖ (weight · prefix probability · outputs · B)ₖ − log Σ_c (weight · prefix probability)_c. */
export function openMixed(x: MixedTerms, size: number): TwistSession {
  const starts = x.parts.map((_, c) => x.solved.find((t) => t.term.component === c)!.term.table.start);
  const at: Places = {
    contexts: starts.map((h) => new Int32Array(size).fill(h)),
    logMass: [...x.logWeights].map((w) => new Float64Array(size).fill(w)),
    by: x.solved.map(({ b }) => new Followers(b.machine, Infinity, size)),
    logValues: new Float64Array(size),
  };
  for (let i = 0; i < size; i++) at.logValues[i] = valueOf(x, at, i);
  const width = x.solved[0].b.prepared.vocabularySize + 1;
  const scratch = x.solved.map(() => new Float64Array(width));
  const mass = x.parts.map(() => new Float64Array(width));
  return {
    get logValues() {
      return at.logValues;
    },
    next: (row, out) => nextOf(x, at, row, scratch, mass, out),
    advance(tokens) {
      for (const f of at.by) f.advance(tokens);
      for (let i = 0; i < at.logValues.length; i++) {
        if (at.by[0].ended[i] === 1) continue;
        follow(x, at, i, tokens[i]);
        at.logValues[i] = valueOf(x, at, i);
      }
    },
    reorder(ancestors) {
      for (const f of at.by) f.reorder(ancestors);
      at.contexts = at.contexts.map((old) => Int32Array.from(ancestors, (a) => old[a]));
      at.logMass = at.logMass.map((old) => Float64Array.from(ancestors, (a) => old[a]));
      at.logValues = Float64Array.from(ancestors, (a) => at.logValues[a]);
    },
  };
}

/** log of the share of a term's summand that is not in its component's weight. */
const ownWeight = (x: MixedTerms, k: number): number =>
  x.solved[k].term.logWeight - x.logWeights[x.solved[k].term.component];

function valueOf(x: MixedTerms, at: Places, row: number): number {
  const terms = x.rows.map((r, k) => {
    const { component } = x.solved[k].term;
    const context = at.contexts[component][row];
    if (context === -1) return -Infinity;
    const { t, state, partial } = at.by[k];
    return at.logMass[component][row] + ownWeight(x, k) + r.value(t, state[row], context, partial[row]);
  });
  const value = logSumExp(terms);
  return value === -Infinity ? value : value - logSumExp(at.logMass.map((m) => m[row]));
}

function follow(x: MixedTerms, at: Places, row: number, token: number): void {
  x.parts.forEach((part, c) => {
    const h = at.contexts[c][row];
    if (h === -1) return;
    at.logMass[c][row] += part.logProb(h, token);
    const k = x.solved.findIndex((t) => t.term.component === c);
    at.contexts[c][row] = x.rows[k].target(h, token);
    if (at.contexts[c][row] === -1) at.logMass[c][row] = -Infinity;
  });
}

function nextOf(
  x: MixedTerms,
  at: Places,
  row: number,
  scratch: readonly Float64Array[],
  mass: readonly Float64Array[],
  out: Float64Array,
): void {
  x.parts.forEach((part, c) => {
    const h = at.contexts[c][row];
    if (h === -1) mass[c].fill(-Infinity);
    else {
      part.next(h, mass[c]);
      for (let w = 0; w < mass[c].length; w++) mass[c][w] += at.logMass[c][row];
    }
  });
  x.rows.forEach((r, k) => {
    const { component } = x.solved[k].term;
    const { t, state, partial } = at.by[k];
    const h = at.contexts[component][row];
    if (h === -1) scratch[k].fill(-Infinity);
    else r.next(t, state[row], h, partial[row] + ownWeight(x, k), scratch[k]);
  });
  const above = new Float64Array(x.rows.length);
  const below = new Float64Array(x.parts.length);
  for (let w = 0; w < mass[0].length; w++) {
    for (let k = 0; k < above.length; k++) above[k] = scratch[k][w] + mass[x.solved[k].term.component][w];
    for (let c = 0; c < below.length; c++) below[c] = mass[c][w];
    const value = logSumExp(above);
    out[w] = value === -Infinity ? value : value - logSumExp(below);
  }
}
