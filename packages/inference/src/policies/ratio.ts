import type { LanguageModel } from '@postulate/models';
import { all } from '../bind/maybe.ts';
import { factorsOf } from '../bind/density.ts';
import type { DensityPart, NoMachine, Target } from '../port/index.ts';
import type { PreparedTwist, Twist, TwistSession } from '../twists/index.ts';
import { twistedPolicy } from './twisted.ts';

/**
 * ψ(prefix) = Π d(prefix)^power: what the experts' densities have come to so far. For powers above 0 it is 0 only where the text's
 * own weight is; what an expert of negative power rules out is ruled out too, since its weight would be infinite.
 * Experts have the prior's vocabulary, in its order, and its `maxTokens`.
 */
export function ratioTwist(experts: readonly DensityPart[], width: number, exact: boolean): Twist {
  return { name: 'ratio', exact, open: (size) => openRatio(experts, width, size) };
}

function openRatio(experts: readonly DensityPart[], width: number, size: number): TwistSession {
  const sessions = experts.map((e) => e.open(size));
  let logValues = new Float64Array(size);
  let ended = new Uint8Array(size);
  let laws: readonly (Float32Array | Float64Array)[] | undefined;
  const current = (): readonly (Float32Array | Float64Array)[] => (laws ??= sessions.map((s) => s.logProbs));
  const gain = (row: number, token: number): number => {
    let sum = 0;
    for (let e = 0; e < experts.length; e++) {
      if (experts[e].power === 0) continue;
      const log = current()[e][row * width + token];
      if (log === -Infinity) return log;
      sum += experts[e].power * log;
    }
    return sum;
  };
  return {
    get logValues() {
      return logValues;
    },
    next(row, out) {
      const here = logValues[row];
      for (let w = 0; w < width; w++) out[w] = here === -Infinity ? here : here + gain(row, w);
    },
    advance(tokens) {
      for (let i = 0; i < logValues.length; i++) {
        if (tokens[i] < 0 || tokens[i] >= width - 1) ended[i] = 1;
        if (ended[i] === 0) logValues[i] += logValues[i] === -Infinity ? 0 : gain(i, tokens[i]);
      }
      laws = undefined;
      return all(sessions.map((s) => s.advance(tokens)), () => undefined); // prettier-ignore
    },
    reorder(ancestors) {
      laws = undefined;
      logValues = Float64Array.from(ancestors, (a) => logValues[a]);
      ended = Uint8Array.from(ancestors, (a) => ended[a]);
      for (const s of sessions) s.reorder(ancestors);
    },
  };
}

/** Token by token log q ∝ log prior + alpha (log plus − log minus) (DExperts, Liu et al. 2021; `algorithms.md` 6.3). */
export function ratioPolicy(
  prior: LanguageModel,
  plus: LanguageModel,
  minus: LanguageModel,
  alpha: number,
): LanguageModel {
  const experts: readonly DensityPart[] = [
    { power: alpha, open: (size) => plus.open(size) },
    { power: -alpha, open: (size) => minus.open(size) },
  ];
  return twistedPolicy(prior, ratioTwist(experts, prior.vocabulary.size + 1, false), 1);
}

/** The ratio of models that a target's factors amount to; a reason where they hold no density. */
export function ratioOf(target: Target): PreparedTwist | NoMachine {
  const factors = factorsOf(target);
  const parts = factors.flatMap((f) => f.densities?.parts ?? []);
  if (parts.length === 0) return { reason: 'no factor is a product of densities of language models' };
  const leftOut = factors.filter((f) => f.densities?.whole !== true).map((f) => f.label);
  const powers = parts.map((p) => Number(p.power.toPrecision(4))).join(', ');
  const without = leftOut.length === 0 ? '' : `; it knows nothing of the rest of ${leftOut.join(', ')}`;
  return {
    ...ratioTwist(parts, target.prior.vocabulary.size + 1, false),
    reason: `ratio: the densities in the factors, token by token, to the powers ${powers}${without}`,
    modelCalls: 0,
    leftOut,
  };
}
