import type { Chooser, LanguageModel } from '@postulate/models';
import type { AheadLaw, Preparing } from '../port/index.ts';
import { LOOKAHEAD, type PreparedTwist } from '../twists/index.ts';
import { aheadRows } from './ahead-rows.ts';
import { DOUBT_TEXTS, doubtsOf } from './doubts.ts';

/** Rows of prior · ψ where the prior itself is asked `depth` tokens deep what ψ gets wrong (`aheadRows`). */
export async function aheadLaw(
  prior: LanguageModel,
  twist: PreparedTwist,
  depth: number,
  chooser: Chooser,
  world: Preparing,
): Promise<AheadLaw> {
  // Where ψ is the expectation itself there is nothing to doubt.
  const doubts = twist.surrogate && (await doubtsOf(prior, twist, depth, chooser, world));
  return {
    law: (batch, settled) => aheadRows(prior, twist, batch, { depth, doubts }, settled),
    modelCalls: doubts === undefined ? 0 : DOUBT_TEXTS,
    leftOut: twist.name === LOOKAHEAD ? twist.leftOut : undefined,
  };
}
