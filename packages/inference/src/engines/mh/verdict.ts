import type { Functional } from './functionals.ts';
import type { MhState } from './state.ts';

/** Chains whose R̂ is not below this disagree (Vehtari et al. 2021). */
const R_HAT = 1.01;
/** Least effective sample size for each chain, below which R̂ and standard errors are not to be relied on. */
const LEAST_ESS = 100;

/** The functional for which a figure is worst; undefined where none has it. */
export interface Worst {
  readonly name: string;
  readonly value: number;
}

function worst(
  functionals: readonly Functional[],
  of: (f: Functional) => number | null,
  worse: (a: number, b: number) => boolean,
): Worst | undefined {
  let found: Worst | undefined;
  for (const f of functionals) {
    const value = of(f);
    if (value !== null && (found === undefined || worse(value, found.value))) found = { name: f.name, value };
  }
  return found;
}

export const largestRHat = (functionals: readonly Functional[]): Worst | undefined =>
  worst(
    functionals,
    (f) => f.rHat,
    (a, b) => a > b,
  );

export const smallestBulk = (functionals: readonly Functional[]): Worst | undefined =>
  worst(
    functionals,
    (f) => f.bulkEss,
    (a, b) => a < b,
  );

export const smallestTail = (functionals: readonly Functional[]): Worst | undefined =>
  worst(
    functionals,
    (f) => f.tailEss,
    (a, b) => a < b,
  );

/** Numbers, counted from 1, of the chains that stayed at one text after warm-up. */
export function stuckChains(s: MhState): readonly number[] {
  return s.history.flatMap(({ visited: [first, ...others] }, c) => {
    const moved = others.some(
      (x) => x !== first && (x.finished !== first.finished || !sameTokens(x.tokens, first.tokens)),
    );
    return moved ? [] : [c + 1];
  });
}

const sameTokens = (a: Int32Array, b: Int32Array): boolean =>
  a.length === b.length && a.every((token, i) => token === b[i]);

const ADVICE = 'do not trust it; raise the option steps, or try smc';

/** `ok`, or the first reason why not to trust the chains. */
export function verdictOf(s: MhState, functionals: readonly Functional[]): string {
  const { chains } = s.plan;
  const stuck = stuckChains(s);
  if (stuck.length === chains) return `no chain ever moved: that is no evidence for anything; ${ADVICE}`;
  if (stuck.length > 0) {
    const which = stuck.length === 1 ? `chain ${stuck[0]} never moved` : `chains ${stuck.join(', ')} never moved`;
    return `${which}: ${ADVICE}`;
  }
  if (s.starts.length < chains) {
    return `${chains} chains share ${s.starts.length} starts, so that their agreement proves little; raise the option starts`;
  }
  const r = largestRHat(functionals);
  if (r === undefined) {
    return chains === 1
      ? 'one chain has nothing to be compared with; raise the option chains'
      : `too few states to compare the chains; ${ADVICE}`;
  }
  if (!(r.value < R_HAT)) {
    return `R-hat ${r.value.toPrecision(4)} of ${r.name} is not below ${R_HAT}: the chains disagree; ${ADVICE}`;
  }
  const least = worst(
    [...functionals],
    (f) => smaller(f.bulkEss, f.tailEss),
    (a, b) => a < b,
  );
  if (least && least.value < LEAST_ESS * chains) {
    const states = s.history[0].recorded.length * chains;
    return `effective sample size ${least.value.toPrecision(3)} of ${states} states for ${least.name}, below ${LEAST_ESS} for each chain: ${ADVICE}`;
  }
  return 'ok';
}

/** Whether longer chains could mend it: all of them move, from starts of their own, and yet R̂ or the ESS does not suffice. */
export function fallsShort(s: MhState, functionals: readonly Functional[]): boolean {
  if (s.plan.chains === 1 || s.starts.length < s.plan.chains || stuckChains(s).length > 0) return false;
  return verdictOf(s, functionals) !== 'ok';
}

const smaller = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b);
