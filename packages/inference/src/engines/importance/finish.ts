import type { Diagnostic } from '@postulate/graph';
import {
  allDead,
  effectiveSampleSize,
  goodParetoK,
  normaliseWeights,
  uniqueDraws,
  weightedNamed,
  weightFigures,
} from '../../diagnostics/index.ts';
import type { Approximation } from '../../port/index.ts';
import { chooseDraws } from './choose-draws.ts';
import type { ImportanceState } from './state.ts';
import { smoothedWeights } from './weights.ts';

/** Below this effective sample size the standard errors themselves are not to be relied on. */
const LEAST_ESS = 100;

interface Figures {
  readonly proposals: number;
  readonly ess: number;
  readonly k: number | null;
}

function verdictOf({ proposals, ess, k }: Figures): string {
  if (ess < LEAST_ESS) {
    return `effective sample size ${ess.toPrecision(3)} of ${proposals} proposals: do not trust it; raise the option proposals, or try smc, exact or rejection`;
  }
  if (k !== null && k >= goodParetoK(proposals)) {
    return `Pareto k ${k.toPrecision(2)} is above ${goodParetoK(proposals).toPrecision(2)}: a few texts carry the estimates; raise the option proposals, or try smc, exact or rejection`;
  }
  return 'ok';
}

const DEAD_HELP = 'try --engine smc or exact, or --engine rejection with a larger budget, or weaken the factor';

function warningsOf(s: ImportanceState, verdict: string): readonly Diagnostic[] {
  const warnings = [...s.warnings];
  if (s.proposals.size < s.wanted && s.modelCalls >= s.request.budget) {
    const message = `the budget allowed ${s.proposals.size} of ${s.wanted} proposals`;
    warnings.push({ code: 'P603', severity: 'warning', message });
  }
  if (verdict !== 'ok') warnings.push({ code: 'P606', severity: 'warning', message: verdict });
  return warnings;
}

/** What is known so far. Throws P604 where every proposal has weight zero. */
export function importanceResult(s: ImportanceState): Approximation {
  const totals = s.weights;
  if (totals.count > 0 && totals.dead === totals.count)
    throw allDead({ ...s, tried: totals.count, texts: 'proposals', help: DEAD_HELP });
  const { k, logWeights } = smoothedWeights(s);
  const weights = normaliseWeights(logWeights);
  const ess = effectiveSampleSize(weights);
  const verdict = verdictOf({ proposals: totals.count, ess, k });
  const raws = s.proposals.logWeight.all();
  const logFactors = s.proposals.logFactor.all();
  const logPriors = s.proposals.logPrior.all();
  const columns = { logWeights: raws, logFactors, logGammas: logPriors.map((l, i) => l + logFactors[i]) };
  const mayVary = s.factors.length > 0 || s.request.proposal !== undefined;
  const { logZ, entropy, klToPrior } = weightFigures(columns, mayVary);
  const draws = s.options.resample ? (s.chosen ?? chooseDraws(s)) : s.handed;
  const constant = k === null;
  return {
    kind: 'weighted',
    engine: 'importance',
    guarantee: 'consistent',
    draws,
    logZ,
    entropy,
    klToPrior,
    lambda: s.lambda,
    expectations: Object.fromEntries(
      s.target.named.map((f, j) => [f.name, weightedNamed(f, weights, s.proposals.named[j].all(), ess)]),
    ),
    support: null,
    diagnostics: {
      ess,
      paretoK: k,
      acceptanceRate: constant && s.request.proposal === undefined ? 1 - totals.dead / Math.max(1, totals.count) : null,
      modelCalls: s.modelCalls,
      verdict,
      extra: {
        proposals: totals.count,
        deadFraction: totals.dead / Math.max(1, totals.count),
        maxNormWeight: weights.reduce((a, b) => Math.max(a, b), 0),
        unique: uniqueDraws(draws),
      },
    },
    unavailable: constant ? { paretoK: 'the weights have no tail that a Pareto distribution could be fitted to' } : {},
    warnings: warningsOf(s, verdict),
    details: { logWeights: raws },
  };
}
