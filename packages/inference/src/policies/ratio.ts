import type { LanguageModel } from '@postulate/models';
import { all } from '../bind/maybe.ts';
import type { Twist, TwistSession } from '../twists/index.ts';
import { twistedPolicy } from './twisted.ts';

/** A model whose density a text is weighed by, raised to a power. */
export interface Expert {
  readonly model: LanguageModel;
  readonly power: number;
}

/**
 * ψ(prefix) = Π d(prefix)^power: what the experts' densities have come to so far. For powers above 0 it is 0 only where the text's
 * own weight is; what an expert of negative power rules out is ruled out too, since its weight would be infinite.
 * Experts have the prior's vocabulary, in its order, and its `maxTokens`.
 */
export function ratioTwist(experts: readonly Expert[], width: number, exact: boolean): Twist {
  return { name: 'ratio', exact, open: (size) => openRatio(experts, width, size) };
}

function openRatio(experts: readonly Expert[], width: number, size: number): TwistSession {
  const sessions = experts.map((e) => e.model.open(size));
  let logValues = new Float64Array(size);
  let ended = new Uint8Array(size);
  let laws: readonly (Float32Array | Float64Array)[] | undefined;
  const current = (): readonly (Float32Array | Float64Array)[] => (laws ??= sessions.map((s) => s.logProbs));
  const gain = (row: number, token: number): number => {
    let sum = 0;
    for (let e = 0; e < experts.length; e++) {
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
  const experts = [
    { model: plus, power: alpha },
    { model: minus, power: -alpha },
  ];
  return twistedPolicy(prior, ratioTwist(experts, prior.vocabulary.size + 1, false), 1);
}
