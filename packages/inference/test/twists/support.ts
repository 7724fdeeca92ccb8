import type { LanguageModel, SequenceBatch } from '@postulate/models';
import type { Factor, Twist, TwistSession } from '../../src/index.ts';
import { factorsOf, logSumExp, type Target } from '../../src/index.ts';
import { everySequence } from '../bind/support.ts';
import { keyOf } from '../support/toy.ts';

/** log E[φ | prefix] and log of the prior mass of every prefix and complete text (`$` for the end), by summing. */
export function prefixValues(
  batch: SequenceBatch,
  logPrior: Float64Array,
  logFactor: Float64Array,
): ReadonlyMap<string, { readonly logPrior: number; readonly log: number }> {
  const mass = new Map<string, number[]>();
  const gamma = new Map<string, number[]>();
  const add = (key: string, i: number): void => {
    if (!mass.has(key)) {
      mass.set(key, []);
      gamma.set(key, []);
    }
    mass.get(key)!.push(logPrior[i]);
    gamma.get(key)!.push(logFactor[i] === -Infinity ? -Infinity : logPrior[i] + logFactor[i]);
  };
  for (let i = 0; i < batch.size; i++) {
    if (logPrior[i] === -Infinity) continue;
    const tokens = batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]);
    for (let t = 0; t <= tokens.length; t++) add(keyOf(tokens.subarray(0, t)), i);
    if (batch.finished[i] === 1) add(keyOf(tokens, true), i);
  }
  return new Map(
    [...mass].map(([key, logs]) => {
      const whole = logSumExp(logs);
      const log = logSumExp(gamma.get(key)!);
      return [key, { logPrior: whole, log: log === -Infinity ? log : log - whole }];
    }),
  );
}

/** The same of a target, over every sequence of its vocabulary. */
export async function targetValues(target: Target, only: (f: Factor) => boolean = () => true) {
  const batch = everySequence(target.prior);
  const logFactor = new Float64Array(batch.size);
  for (const f of factorsOf(target).filter(only)) (await f.logWeights(batch)).forEach((w, i) => (logFactor[i] += w));
  return prefixValues(batch, await target.prior.logProb(batch), logFactor);
}

/** A session of one row that has read `tokens`. */
export function after(twist: Twist, tokens: readonly number[]): TwistSession {
  const session = twist.open(1);
  for (const w of tokens) void session.advance(Int32Array.of(w));
  return session;
}

/** Calls `visit` at every prefix of at most `maxTokens` tokens with the session there and all next log values. */
export function everyPrefix(
  twist: Twist,
  { vocabulary, maxTokens }: Pick<LanguageModel, 'vocabulary' | 'maxTokens'>,
  visit: (tokens: readonly number[], session: TwistSession, next: Float64Array) => void,
): void {
  let layer: number[][] = [[]];
  for (let t = 0; t <= maxTokens; t++) {
    for (const tokens of layer) {
      const session = after(twist, tokens);
      const next = new Float64Array(vocabulary.size + 1).fill(NaN);
      void session.next(0, next);
      visit(tokens, session, next);
    }
    layer = layer.flatMap((s) => Array.from({ length: vocabulary.size }, (_, w) => [...s, w]));
  }
}
