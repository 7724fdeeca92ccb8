import type { Chooser, LanguageModel } from '@postulate/models';
import type { WeightedResult } from '../../../testing/src/index.ts';
import { logFactors } from '../../src/bind/index.ts';
import { resamplerNamed } from '../../src/resampling/index.ts';
import {
  runParticles,
  textsOf,
  tokensOf,
  type Extension,
  type ParticleOptions,
  type ParticleRun,
} from '../../src/smc/index.ts';
import type { Factor, Target } from '../../src/index.ts';
import type { Twist } from '../../src/twists/index.ts';
import { everySequence } from '../bind/support.ts';
import { keyOf } from '../support/toy.ts';

/** One run as properly weighted particles: each stands for its share of Ẑ. */
export function weightedRun(run: ParticleRun, particles: number): WeightedResult {
  const p = run.particles;
  return {
    logZ: run.logZ,
    particles: Array.from({ length: p.size }, (_, i) => ({
      key: keyOf(tokensOf(p, i), p.ends[i] === 1),
      logWeight: p.logWeight[i] - Math.log(particles),
    })).filter((x) => x.logWeight > -Infinity),
  };
}

export async function particlesOf(
  t: Target,
  extension: Extension,
  options: Partial<Omit<ParticleOptions, 'resampler'>> & { readonly resampling?: string },
  chooser: Chooser,
): Promise<ParticleRun> {
  const { resampling = 'systematic', ...rest } = options;
  const full = { particles: 2, essThreshold: 0.5, expansion: 1, ...rest, resampler: resamplerNamed(resampling) };
  return runParticles({ prior: t.prior, factors: t.stages[0].factors, extension }, full, chooser);
}

/** A twist that says of a prefix and of an ended text what `value` says; log scale. */
export function twistBy(
  prior: Pick<LanguageModel, 'vocabulary'>,
  name: string,
  value: (tokens: readonly number[], ended: boolean) => number,
  exact = false,
): Twist {
  const end = prior.vocabulary.size;
  return {
    name,
    exact,
    open(size) {
      let prefixes: (readonly number[])[] = Array.from({ length: size }, () => []);
      let logValues = new Float64Array(size);
      return {
        get logValues() {
          return logValues;
        },
        next(row, out) {
          for (let w = 0; w < end; w++) out[w] = value([...prefixes[row], w], false);
          out[end] = value(prefixes[row], true);
        },
        advance(tokens) {
          prefixes = prefixes.map((p, i) => (tokens[i] < end ? [...p, tokens[i]] : p));
          logValues = Float64Array.from(prefixes, (p) => value(p, false));
        },
        reorder(ancestors) {
          prefixes = Array.from(ancestors, (a) => prefixes[a]);
          logValues = Float64Array.from(ancestors, (a) => logValues[a]);
        },
      };
    },
  };
}

/** The exact look-ahead of a small prior by summing over its texts. */
export async function listedTwist(t: Target): Promise<Twist> {
  const batch = everySequence(t.prior);
  const prior = await t.prior.logProb(batch);
  const { logFactor } = await logFactors(t.stages[0].factors as readonly Factor[], batch);
  const sums = new Map<string, [number, number]>();
  for (let i = 0; i < batch.size; i++) {
    const tokens = Array.from(batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]));
    const add = (key: string): void => {
      const [mass, weighed] = sums.get(key) ?? [0, 0];
      sums.set(key, [mass + Math.exp(prior[i]), weighed + Math.exp(prior[i] + logFactor[i])]);
    };
    for (let n = 0; n <= tokens.length; n++) add(keyOf(tokens.slice(0, n), false));
    if (batch.finished[i] === 1) add(keyOf(tokens, true));
  }
  const value = (tokens: readonly number[], ended: boolean): number => {
    const found = sums.get(keyOf(tokens, ended));
    return found === undefined || found[0] === 0 ? -Infinity : Math.log(found[1] / found[0]);
  };
  return twistBy(t.prior, 'listed', value, true);
}

export { textsOf };
