import type { Chooser } from '@postulate/models';
import { logSumExp, RunningMoments } from '../numeric/index.ts';
import { shuffle } from '../resampling/index.ts';
import { DenseLaw } from './dense-law.ts';
import type { RestrictedSampler } from './restricted.ts';

/** A made-up next-token law and which of its tokens are valid. */
export interface CallsTask {
  readonly vocabularySize: number;
  /** Mass that is valid, at least; tokens are made valid in random order until it is reached. */
  readonly validMass: number;
  /** Laws that are made up, each with its own valid set. */
  readonly laws: number;
  /** Tokens drawn from each. */
  readonly draws: number;
}

export interface CallsFigures {
  /** Mean number of tests a token, over laws. */
  readonly calls: number;
  readonly standardError: number;
  /** Mean of Ẑ over the valid mass: 1 for an unbiased estimator. */
  readonly relativeMass: number;
  readonly relativeMassStandardError: number;
}

/** Logits N(0, 2²) (Box & Muller 1958), normalised. */
function normalLogits(size: number, chooser: Chooser): Float64Array {
  const uniform = chooser.uniform!;
  const logits = Float64Array.from(
    { length: size },
    () => 2 * Math.sqrt(-2 * Math.log1p(-uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
  const total = logSumExp(logits);
  return logits.map((l) => l - total);
}

function validSet(logProbs: Float64Array, validMass: number, chooser: Chooser) {
  const valid = new Uint8Array(logProbs.length);
  let mass = 0;
  for (const token of shuffle(Int32Array.from(logProbs.keys()), chooser)) {
    if (mass >= validMass) break;
    valid[token] = 1;
    mass += Math.exp(logProbs[token]);
  }
  return { valid, mass };
}

/**
 * Tests a token at a given valid mass, for logits drawn from a normal law of standard deviation 2. The standard errors are
 * over the laws, whose draws are averaged first. `chooser` is a seeded one.
 */
export function callsPerToken(task: CallsTask, sampler: RestrictedSampler, chooser: Chooser): CallsFigures {
  const calls = new RunningMoments();
  const relative = new RunningMoments();
  const law = new DenseLaw(task.vocabularySize);
  for (let k = 0; k < task.laws; k++) {
    const own = chooser.split(k);
    const logProbs = normalLogits(task.vocabularySize, own.split('logits'));
    const { valid, mass } = validSet(logProbs, task.validMass, own.split('valid'));
    const draw = own.split('draw');
    let asked = 0;
    let estimated = 0;
    const ok = (token: number): boolean => {
      asked++;
      return valid[token] === 1;
    };
    law.load(logProbs);
    for (let i = 0; i < task.draws; i++) {
      estimated += sampler(law.restart(), ok, { maxRejects: Infinity }, draw).mass;
    }
    calls.add(asked / task.draws);
    relative.add(estimated / task.draws / mass);
  }
  return {
    calls: calls.mean,
    standardError: calls.standardError ?? NaN,
    relativeMass: relative.mean,
    relativeMassStandardError: relative.standardError ?? NaN,
  };
}
