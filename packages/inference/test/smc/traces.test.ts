import { describe, expect, it } from 'vitest';
import { enumerateTraces, properWeightingLaws } from '../../../testing/src/index.ts';
import { priorExtension, proposalExtension, twistedExtension, type Extension } from '../../src/smc/index.ts';
import { resamplingNames } from '../../src/resampling/index.ts';
import type { Target } from '../../src/index.ts';
import { target } from '../bind/support.ts';
import { gamma, TOY } from '../support/toy.ts';
import { listedTwist, particlesOf, twistBy, weightedRun } from './support.ts';

const POSTERIORS = [
  'prior * exp(count("b"))',
  'prior | not contains("bb")',
  'prior * exp(0.7 * length) | contains("b")',
];

/** Weighs prefixes and ends in a way that has nothing to do with the factors, but is positive everywhere. */
const wrong = (t: Target): Extension =>
  twistedExtension(
    t.prior,
    twistBy(t.prior, 'wrong', (tokens, ended) =>
      tokens.reduce((s, w) => s + (w === 0 ? 0.9 : -0.6), ended ? 0.4 : -0.2),
    ),
  );
const OTHER =
  'prior = bigram({ "^": { "a": 0.2, "b": 0.3, "$": 0.5 }, "a": { "b": 0.7, "$": 0.3 }, "b": { "b": 0.1, "$": 0.9 } }, max_tokens = 2)\nposterior = prior | finished';
const EXTENSIONS: Readonly<Record<string, (t: Target) => Promise<Extension>>> = {
  prior: async (t) => priorExtension(t.prior),
  'a wrong twist': async (t) => wrong(t),
  'the exact twist': async (t) => twistedExtension(t.prior, await listedTwist(t)),
  'another proposal': async (t) => proposalExtension(t.prior, (await target(OTHER)).prior),
};
/** Resampling never, by the effective sample size, always; steering with each scheme. */
const PLANS: readonly { resampling?: string; essThreshold?: number; particles?: number; expansion?: number }[] = [
  ...['systematic', 'multinomial', 'stratified', 'residual'].map((resampling) => ({ resampling, essThreshold: 1.1 })),
  { essThreshold: 0 },
  { essThreshold: 0.9 },
  { particles: 3, essThreshold: 1.1 },
  ...resamplingNames.map((resampling) => ({ resampling, expansion: 2, particles: 1 })),
  { resampling: 'optimal', expansion: 2, particles: 2 },
];

describe.each(Object.keys(EXTENSIONS))('every path of particles extended by %s', (name) => {
  it.each(PLANS.flatMap((plan) => POSTERIORS.map((p) => [plan, p] as const)))('%j: %s', async (plan, posterior) => {
    const t = await target(`${TOY}posterior = ${posterior}`);
    const extension = await EXTENSIONS[name](t);
    const { particles = 2 } = plan;
    const traces = await enumerateTraces(
      async (chooser) => weightedRun(await particlesOf(t, extension, { ...plan, particles }, chooser), particles),
      { maxTraces: 200_000 },
    );
    for (const law of properWeightingLaws(traces, await gamma(t)))
      expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
  });
});
