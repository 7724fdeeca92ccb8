import { describe, expect, it } from 'vitest';
import { enumerateTraces, properWeightingLaws } from '../../../testing/src/index.ts';
import {
  awrsExtension,
  ESTIMATORS,
  scoreMachines,
  seededChooser,
  type Extension,
  type Target,
} from '../../src/index.ts';
import { viabilityOf } from '../../src/viability/index.ts';
import { PRIOR, target } from '../bind/support.ts';
import { particlesOf, weightedRun } from '../smc/support.ts';
import { gamma, TOY } from '../support/toy.ts';
import { wrongSamplers } from './wrong-samplers.ts';

const POSTERIORS = [
  'prior | not contains("bb")',
  'prior * exp(0.7 * length) | contains("b")',
  'prior * exp(count("b")) | not finished',
  'prior | contains("c")',
];
const OTHER =
  'prior = bigram({ "^": { "a": 0.2, "b": 0.3, "$": 0.5 }, "a": { "b": 0.7, "$": 0.3 }, "b": { "b": 0.1, "$": 0.9 } }, max_tokens = 2)\nposterior = prior | finished';

async function extensionOf(
  t: Target,
  estimator: string,
  maxRejects: number,
  proposed: boolean,
  remember: boolean,
): Promise<Extension> {
  const { factors } = t.stages[0];
  return awrsExtension({
    prior: t.prior,
    proposal: proposed ? (await target(OTHER)).prior : undefined,
    viability: viabilityOf(factors, t.prior)!,
    sampler: ESTIMATORS[estimator] ?? wrongSamplers[estimator],
    maxRejects,
    remember,
    scores: scoreMachines(factors),
  });
}

interface Plan {
  readonly estimator: string;
  readonly maxRejects?: number;
  readonly proposed?: boolean;
  readonly remember?: boolean;
  readonly particles?: number;
  readonly essThreshold?: number;
  readonly resampling?: string;
}

async function lawsOf(
  posterior: string,
  { estimator, maxRejects = Infinity, proposed = false, remember = true, ...plan }: Plan,
) {
  const t = await target(`${TOY}posterior = ${posterior}`);
  const extension = await extensionOf(t, estimator, maxRejects, proposed, remember);
  const { particles = 2 } = plan;
  const traces = await enumerateTraces(
    async (chooser) => weightedRun(await particlesOf(t, extension, { ...plan, particles }, chooser), particles),
    { maxTraces: 300_000 },
  );
  return properWeightingLaws(traces, await gamma(t));
}

/** Resampling never, by the effective sample size, always. */
const PLANS: readonly Plan[] = [
  { estimator: 'recursive', essThreshold: 0 },
  { estimator: 'recursive', essThreshold: 0.9 },
  { estimator: 'recursive', essThreshold: 1.1 },
  { estimator: 'recursive', essThreshold: 1.1, resampling: 'multinomial' },
  { estimator: 'recursive', essThreshold: 1.1, proposed: true },
  { estimator: 'recursive', essThreshold: 1.1, maxRejects: 1 },
  { estimator: 'recursive', essThreshold: 1.1, maxRejects: 2, proposed: true },
  { estimator: 'recursive', essThreshold: 0, remember: false },
  { estimator: 'recursive', essThreshold: 1.1, remember: false },
  { estimator: 'trace', particles: 1 },
  { estimator: 'trace', essThreshold: 1.1, maxRejects: 1 },
  { estimator: 'trace', particles: 1, maxRejects: 2, proposed: true },
  { estimator: 'geometric', essThreshold: 1.1, maxRejects: 1 },
  { estimator: 'geometric', particles: 1, maxRejects: 3 },
];

describe('every path of particles extended by adaptive rejection', () => {
  it.each(PLANS.flatMap((plan) => POSTERIORS.map((p) => [plan, p] as const)))('%j: %s', async (plan, posterior) => {
    for (const law of await lawsOf(posterior, plan)) expect(law, JSON.stringify(law)).toMatchObject({ holds: true });
  });

  it.each(Object.keys(wrongSamplers))('finds out that %s is wrong', async (estimator) => {
    const laws = await lawsOf('prior | finished and length > 0', { estimator, particles: 1 });
    expect(laws.every((l) => l.holds)).toBe(false);
  });
});

describe('particles extended by adaptive rejection', () => {
  it('never die where the prior can follow the automata: what is left of the tokens allowed is told', async () => {
    // Whether a letter may follow depends on the letters left, which the automaton does not count.
    const prior = PRIOR.replace('max_tokens = 3', 'max_tokens = 12');
    const t = await target(`${prior}posterior = prior | matches(r"(ba)*(ab)*") and not finished`);
    const extension = await extensionOf(t, 'recursive', Infinity, false, true);
    const run = await particlesOf(t, extension, { particles: 200 }, seededChooser('alive'));
    expect(Array.from(run.killed).every((n) => n === 0)).toBe(true);
    expect(run.particles.lengths.every((n) => n === 12)).toBe(true);
  });
});
