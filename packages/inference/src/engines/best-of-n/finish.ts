import type { Diagnostic } from '@postulate/graph';
import { meanBest } from '../../best-of/index.ts';
import { allDead, meanEstimate, uniqueDraws, weightFigures } from '../../diagnostics/index.ts';
import type { Approximation, LogZEstimate } from '../../port/index.ts';
import { ownKlBound, ownLaw, type OwnLaw } from './own-law.ts';
import type { BestOfState } from './state.ts';
import { complete, spent } from './step.ts';

/** log Z of the posterior from the candidates, which are plain draws of the prior; `-Infinity` where all are dead. */
export function candidateLogZ(s: BestOfState): LogZEstimate | null {
  if (s.candidates.logFactors.length === 0) return null;
  const logFactors = Float64Array.from(s.candidates.logFactors);
  const columns = { logWeights: logFactors, logFactors, logGammas: Float64Array.from(s.candidates.logGammas) };
  return weightFigures(columns, s.target.stages[0].factors.length > 0).logZ;
}

function verdictOf(s: BestOfState, law: OwnLaw): string {
  const parts: string[] = [];
  if (spent(s) && !complete(s)) {
    const why = s.request.budget < Infinity ? 'budget spent' : 'given up';
    parts.push(`${why} after ${s.best.length} of ${s.wanted} draws`);
  }
  const tv = law.divergences?.['tv'];
  const distance = tv === undefined ? '' : `, at total variation ${tv.value.toPrecision(3)} from it`;
  parts.push(`not this posterior: the best of ${s.options.n} texts of the prior by weight${distance}`);
  return parts.join('; ');
}

function warningsOf(s: BestOfState, verdict: string): readonly Diagnostic[] {
  const help =
    'expectations, entropy and KL are those of what best-of-n returns; for the posterior take exact, smc or qrs';
  const own: Diagnostic = { code: 'P606', severity: 'warning', message: verdict, help };
  if (!spent(s) || complete(s)) return [...s.warnings, own];
  const short: Diagnostic = {
    code: 'P603',
    severity: 'warning',
    message: verdict,
    help: 'raise --budget, or --option patience=…, for the rest',
  };
  return [...s.warnings, short, own];
}

function unavailableOf(s: BestOfState, law: OwnLaw, logZ: LogZEstimate | null): Readonly<Record<string, string>> {
  const none = 'no text was returned yet';
  const missing: Record<string, string> = {};
  if (s.candidates.logFactors.length === 0) missing['logZ'] = none;
  else if (logZ === null) missing['logZ'] = 'of the texts that count for it, all have weight zero';
  if (law.entropy === null) missing['entropy'] = `the prior has more than ${s.options.maxSupport} texts to list`;
  if (law.klToPrior === null) missing['klToPrior'] = none;
  if (s.best.length === 0) for (const f of s.target.named) missing[f.name] = none;
  return missing;
}

const DEAD_HELP = 'try --engine exact, or a larger budget, or weaken the factor';

/** What is known so far. Throws P604 where every candidate has weight zero. */
export function bestOfResult(s: BestOfState): Approximation {
  const seen = s.groups * s.options.n;
  if (seen > 0 && s.dead === seen) {
    const { factors } = s.target.stages[0];
    throw allDead({ ...s, factors, tried: seen, texts: 'candidates', help: DEAD_HELP });
  }
  const law = ownLaw(s);
  const verdict = verdictOf(s, law);
  const draws = s.best.slice(0, s.request.draws);
  const estimate = candidateLogZ(s);
  const logZ = estimate?.value === -Infinity ? null : estimate;
  const best = meanBest(Float64Array.from(s.candidates.logFactors), s.options.n);
  return {
    kind: 'draws',
    engine: 'best-of-n',
    guarantee: 'heuristic',
    draws,
    logZ,
    entropy: law.entropy,
    klToPrior: law.klToPrior,
    lambda: s.lambda,
    expectations: Object.fromEntries(s.target.named.map((f, k) => [f.name, meanEstimate(f, s.named[k])])),
    support: null,
    diagnostics: {
      ess: s.best.length,
      paretoK: null,
      acceptanceRate: null,
      modelCalls: s.modelCalls,
      verdict,
      extra: {
        n: s.options.n,
        groups: s.groups,
        deadFraction: s.dead / Math.max(1, seen),
        klBound: ownKlBound(s),
        ...(best === null ? {} : { meanBestLogFactor: best.value }),
        ...(best === null || best.standardError === null ? {} : { meanBestLogFactorError: best.standardError }),
        unique: uniqueDraws(draws),
      },
    },
    unavailable: unavailableOf(s, law, logZ),
    warnings: warningsOf(s, verdict),
    ...(law.divergences === undefined ? {} : { details: { divergences: law.divergences } }),
  };
}
