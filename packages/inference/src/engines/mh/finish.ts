import { fail, type Diagnostic } from '@postulate/graph';
import { chainStandardError, meanEss, pooled, shareStandardError, uniqueDraws } from '../../diagnostics/index.ts';
import type { Approximation, BoundFunction, Estimate } from '../../port/index.ts';
import { judged, namedAlong, type Functional } from './functionals.ts';
import { MOVES, type MhState } from './state.ts';
import { mayExtend } from './extend.ts';
import { acceptance, handOut } from './step.ts';
import { largestRHat, smallestBulk, smallestTail, stuckChains, verdictOf } from './verdict.ts';

const NO_Z = 'chains know the posterior up to its constant only; importance and smc estimate Z';
const NOTHING = 'no state was recorded yet: the chains are still warming up';

/** Mean over all chains with sd/√ESS; a share by Wilson's formula with the ESS, which an event seen always keeps open. */
function expectation(s: MhState, f: BoundFunction, k: number, ess: number | null): Estimate {
  const chains = s.history.map((h) => namedAlong(h, k));
  const all = pooled(chains);
  const mean = all.reduce((a, b) => a + b, 0) / all.length;
  if (!Number.isFinite(mean)) return { value: mean, standardError: null };
  if (ess === null) return { value: mean, standardError: null };
  if (f.kind === 'event') return { value: mean, standardError: shareStandardError(mean, meanEss(chains) ?? ess) };
  return { value: mean, standardError: chainStandardError(chains) ?? 0 };
}

function acceptanceByChain(s: MhState): readonly Readonly<Record<string, number>>[] {
  return s.history.map(({ moves }) =>
    Object.fromEntries(MOVES.filter((m) => moves[m].tried > 0).map((m) => [m, moves[m].accepted / moves[m].tried])),
  );
}

/** Accepted share of each kind of move, over all chains. */
function acceptanceByMove(s: MhState): Readonly<Record<string, number>> {
  const entries = MOVES.map((m) => {
    const tried = s.history.reduce((n, h) => n + h.moves[m].tried, 0);
    const accepted = s.history.reduce((n, h) => n + h.moves[m].accepted, 0);
    return [`${m}Acceptance`, accepted / tried] as const;
  });
  return Object.fromEntries(entries.filter(([, rate]) => !Number.isNaN(rate)));
}

function warningsOf(s: MhState, verdict: string): readonly Diagnostic[] {
  const warnings = [...s.warnings];
  const { warmup, thin, recorded } = s.plan;
  if (s.total < warmup + recorded * thin && s.taken >= s.total) {
    const message = `the budget allowed ${s.total} of ${warmup + recorded * thin} steps of each chain`;
    warnings.push({ code: 'P603', severity: 'warning', message });
  }
  if (verdict !== 'ok') warnings.push({ code: 'P606', severity: 'warning', message: verdict });
  return warnings;
}

function extra(s: MhState, functionals: readonly Functional[]): Readonly<Record<string, number>> {
  const [r, tail] = [largestRHat(functionals), smallestTail(functionals)];
  return {
    chains: s.plan.chains,
    steps: Math.max(0, s.taken - s.plan.warmup),
    ...(r === undefined ? {} : { rHat: r.value }),
    ...(tail === undefined ? {} : { tailEss: tail.value }),
    ...acceptanceByMove(s),
    stuckChains: stuckChains(s).length,
    unique: uniqueDraws(s.draws),
  };
}

/** A run that was stopped before its chains had warmed up knows nothing; one whose budget ends there is an error. */
function nothingYet(s: MhState): Approximation {
  if (s.chains !== undefined && s.taken >= s.total) {
    throw fail('P603', `the budget allowed ${s.total} steps of each chain, none of which is recorded`, {
      help: `raise --budget, or lower the option warmup (${s.plan.warmup} steps)`,
    });
  }
  const figures = ['logZ', 'entropy', 'klToPrior', ...s.target.named.map((f) => f.name)];
  return {
    ...common(s),
    expectations: Object.fromEntries(s.target.named.map((f) => [f.name, null])),
    diagnostics: {
      ess: null,
      paretoK: null,
      acceptanceRate: null,
      modelCalls: s.modelCalls,
      verdict: NOTHING,
      extra: {},
    },
    unavailable: Object.fromEntries(figures.map((f) => [f, NOTHING])),
    warnings: warningsOf(s, NOTHING),
  };
}

function common(s: MhState) {
  return {
    kind: 'draws',
    engine: 'mh',
    guarantee: 'asymptotic',
    draws: s.draws,
    logZ: null,
    entropy: null,
    klToPrior: null,
    lambda: s.lambda,
    support: null,
  } as const;
}

/** Chains that were stopped before it was known how long they would be: draws are spread over what there is. */
function cutShort(s: MhState): void {
  const recorded = s.history[0].recorded.length;
  s.plan = { ...s.plan, recorded, most: recorded };
  handOut(s);
}

/** What is known so far. Throws P604 where no chain has a start, P603 where the budget ended before anything was recorded. */
export function mhResult(s: MhState): Approximation {
  if (s.history[0].recorded.length === 0) return nothingYet(s);
  if (mayExtend(s)) cutShort(s);
  const functionals = judged(s);
  const verdict = verdictOf(s, functionals);
  const ess = smallestBulk(functionals)?.value ?? null;
  const still = 'no chain moved, so that nothing is known about the error';
  return {
    ...common(s),
    expectations: Object.fromEntries(s.target.named.map((f, k) => [f.name, expectation(s, f, k, ess)])),
    diagnostics: {
      ess,
      paretoK: null,
      acceptanceRate: acceptance(s) ?? null,
      modelCalls: s.modelCalls,
      verdict,
      extra: extra(s, functionals),
    },
    unavailable: { logZ: NO_Z, entropy: NO_Z, klToPrior: NO_Z, ...(ess === null ? { ess: still } : {}) },
    warnings: warningsOf(s, verdict),
    details: { chains: { functionals, acceptance: acceptanceByChain(s) } },
  };
}
