import type { Compared, Comparison } from '@postulate/inference';
import type { Setting } from './sweep.ts';

function engineDocument(e: Compared) {
  if (e.kind !== 'ran') return { engine: e.engine, status: e.kind, code: e.code, message: e.message };
  const { diagnostics: d } = e.result;
  return {
    engine: e.engine,
    status: e.kind,
    guarantee: e.guarantee,
    verdict: d.verdict,
    logZ: e.result.logZ,
    entropy: e.entropy,
    posteriorEntropy: e.result.entropy,
    klToPrior: e.result.klToPrior,
    expectations: e.expectations,
    posteriorExpectations: e.result.expectations,
    divergences: e.divergences,
    ...(e.divergenceNote === undefined ? {} : { divergenceNote: e.divergenceNote }),
    histogram: e.histogram,
    agreement: e.agreement,
    diagnostics: { ess: d.ess, paretoK: d.paretoK, acceptanceRate: d.acceptanceRate, extra: d.extra },
    diversity: e.diversity,
    cost: e.cost,
  };
}

/** One comparison as `post compare --json` prints it. */
export function comparisonDocument(c: Comparison, setting: Setting) {
  const { posterior, graphHash, context, seed, draws, prior, reference } = c;
  return {
    set: setting,
    ...(Object.keys(context).length === 0 ? {} : { context }),
    posterior,
    graphHash,
    seed,
    draws,
    prior,
    reference,
    engines: c.engines.map(engineDocument),
  };
}
