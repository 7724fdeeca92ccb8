import type { Result, TextDraw } from '../api/types.ts';
import { diagnosticDocument } from './diagnostics.ts';

const drawDocument = ({ text, tokens, finished, logPrior, logFactor, logWeight }: TextDraw) => ({
  text,
  tokens,
  finished,
  logPrior,
  logFactor,
  logWeight,
});

/** One run as `post sample --json` prints it; what the engine cannot give is null, with the reason in `unavailable`. */
export function resultDocument(result: Result, sources: ReadonlyMap<string, string>) {
  const { diagnostics: d } = result;
  return {
    ...(result.context === undefined ? {} : { context: result.context }),
    posterior: result.posterior,
    engine: result.engine,
    guarantee: result.guarantee,
    seed: result.seed,
    graphHash: result.graphHash,
    logZ: result.logZ,
    entropy: result.entropy,
    klToPrior: result.klToPrior,
    lambda: result.lambda,
    diagnostics: {
      ess: d.ess,
      paretoK: d.paretoK,
      acceptanceRate: d.acceptanceRate,
      modelCalls: d.modelCalls,
      verdict: d.verdict,
      ...(Object.keys(d.extra).length === 0 ? {} : { extra: d.extra }),
    },
    expectations: result.expectations,
    support: result.support,
    draws: result.draws.map(drawDocument),
    warnings: result.warnings.map((w) => diagnosticDocument(w, sources)),
    ...(result.reasons === undefined ? {} : { reasons: result.reasons }),
    ...(Object.keys(result.unavailable).length === 0 ? {} : { unavailable: result.unavailable }),
  };
}

/** The whole document: one run, or one for each value of the context. */
export function sampleDocument(results: readonly Result[], sources: ReadonlyMap<string, string>) {
  const family = results.some((r) => r.context !== undefined);
  const documents = results.map((r) => resultDocument(r, sources));
  return family ? { contexts: documents } : documents[0];
}
