import fc from 'fast-check';
import { logFactors, run, seededChooser, withFittedMoments, type Target } from '@postulate/inference';
import { decode, type LanguageModel } from '@postulate/models';
import { batchOf, type TokenText } from '../arbitraries/texts.ts';
import { edgeTexts } from '../generate/edge-texts.ts';
import type { Pools } from '../generate/pools.ts';
import { TextArbitrary } from '../generate/text-arbitrary.ts';
import { minimise } from '../shrink/minimise.ts';
import { named, targetsOf, type Matched } from './support.ts';

export interface NeverProduceOptions {
  /** Draws of the posterior to look at; default 500. */
  readonly draws?: number;
  /** Texts made up from them and from tokens that match; default 2000. */
  readonly texts?: number;
  readonly seed?: string;
}

const textOf = ({ vocabulary }: LanguageModel, { tokens }: TokenText): string =>
  decode(vocabulary, Int32Array.from(tokens));

/** Tells which texts the posterior can produce and the pattern matches. */
function offending(fitted: Target, pattern: RegExp) {
  const { prior, stages } = fitted;
  const factors = stages.flatMap((s) => s.factors);
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  return async (texts: readonly TokenText[]): Promise<readonly boolean[]> => {
    const suspects = texts.map((t) => stateless.test(textOf(prior, t)));
    const batch = batchOf(prior, texts);
    const [logPrior, { logFactor }] = [await prior.logProb(batch), await logFactors(factors, batch)];
    return suspects.map((s, i) => s && logPrior[i] > -Infinity && logFactor[i] > -Infinity);
  };
}

async function leak(target: Target, pattern: RegExp, options: NeverProduceOptions): Promise<string | undefined> {
  const { draws = 500, texts = 2000, seed = '0' } = options;
  const chooser = seededChooser(seed);
  const { target: fitted } = await withFittedMoments(target, chooser.split('moments'));
  const isBad = offending(fitted, pattern);
  const { prior } = fitted;
  const drawn = (await run(target, { draws, seed })).draws.map((d): TokenText => ({
    tokens: [...d.tokens],
    finished: d.finished,
  }));
  const tokens = prior.vocabulary.tokens.flatMap((t, id) => (pattern.test(t) ? [id] : [])).slice(0, 50);
  const pools: Pools = {
    pools: [
      { name: 'draws', weight: 3, texts: drawn },
      { name: 'edges', weight: 1, texts: edgeTexts(prior) },
    ].filter((p) => p.texts.length > 0),
    tokens: [...tokens, ...drawn.slice(0, 20).flatMap((t) => t.tokens)],
  };
  const made = fc.sample(new TextArbitrary(prior, pools), {
    numRuns: texts,
    seed: Math.floor(chooser.split('texts').uniform!() * 2 ** 31),
  });
  const all = [...drawn, ...tokens.map((t): TokenText => ({ tokens: [t], finished: prior.maxTokens > 1 })), ...made];
  const found = (await isBad(all)).indexOf(true);
  if (found < 0) return undefined;
  const fails = async (cases: readonly (readonly TokenText[])[]): Promise<ArrayLike<number>> =>
    (await isBad(cases.map(([t]) => t))).map(Number);
  const { texts: smallest } = await minimise([all[found]], fails, prior);
  return textOf(prior, smallest[0]);
}

/**
 * Looks for a text that the posterior can produce and the pattern matches: among its draws, and among texts made up from them
 * with tokens that match. What is found is shrunk.
 */
export async function toNeverProduce(
  received: unknown,
  pattern: RegExp,
  options: NeverProduceOptions = {},
): Promise<Matched> {
  for (const target of await targetsOf(received)) {
    const text = await leak(target, pattern, options);
    if (text === undefined) continue;
    return {
      pass: false,
      message: () => `expected ${named(target)} never to produce ${String(pattern)}, but it can produce ${JSON.stringify(text)}`, // prettier-ignore
    };
  }
  return { pass: true, message: () => `expected a text that matches ${String(pattern)}, and found none` };
}
