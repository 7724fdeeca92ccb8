import type { LanguageModel } from '@postulate/models';
import type { TokenText } from '../arbitraries/texts.ts';
import { likelier, logPriors, shorter } from './candidates.ts';

/** The texts of one case, in the order of the `forall`. */
export type Case = readonly TokenText[];

/** Tells of each case whether it is a counterexample. */
export type Fails = (cases: readonly Case[]) => Promise<ArrayLike<number>>;

export interface Minimised {
  readonly texts: Case;
  /** Cases tried on the way. */
  readonly tried: number;
}

/** Cases given up after: shrinking is a service, not the point. */
const MOST_TRIED = 20_000;

const sizeOf = (c: Case): number => c.reduce((sum, t) => sum + t.tokens.length, 0);

/** Every way to make one text shorter, and for several texts to leave the same token out of each. */
function shorterCases(c: Case, maxTokens: number): readonly Case[] {
  const single = c.flatMap((text, k) => shorter(text, maxTokens).map((t) => c.map((own, i) => (i === k ? t : own))));
  if (c.length < 2) return single;
  const [first] = c;
  const shared = first.tokens.flatMap((token, at) => {
    const places = c.map((t) => t.tokens.indexOf(token, Math.max(0, at - 2)));
    if (places.some((p) => p < 0)) return [];
    return [
      c.map((t, i) => {
        const tokens = t.tokens.filter((_, k) => k !== (i === 0 ? at : places[i]));
        return { tokens, finished: tokens.length < maxTokens };
      }),
    ];
  });
  return [...shared, ...single];
}

async function logPriorOf(cases: readonly Case[], model: LanguageModel): Promise<Float64Array> {
  const logs = await logPriors(cases.flat(), model);
  const width = cases[0].length;
  return Float64Array.from(cases, (_, i) => logs.subarray(i * width, (i + 1) * width).reduce((a, b) => a + b, 0));
}

/** The best failing case: fewest tokens, then likeliest under the prior, then first. */
async function best(cases: readonly Case[], fails: Fails, model: LanguageModel): Promise<Case | undefined> {
  if (cases.length === 0) return undefined;
  const failing = await fails(cases);
  const bad = cases.filter((_, i) => failing[i] !== 0);
  if (bad.length === 0) return undefined;
  const fewest = Math.min(...bad.map(sizeOf));
  const short = bad.filter((c) => sizeOf(c) === fewest);
  const logs = await logPriorOf(short, model);
  return short[logs.indexOf(Math.max(...logs))];
}

/**
 * Makes a counterexample short, and likely under the prior: leaves out runs of tokens, then changes tokens for likelier ones,
 * over and over, as long as it still fails. What comes out is locally minimal: no single token can be left out. Each step makes
 * it shorter, or as long and likelier, so there is an end.
 */
export async function minimise(start: Case, fails: Fails, model: LanguageModel): Promise<Minimised> {
  let texts = start;
  let tried = 0;
  const improve = async (cases: readonly Case[]): Promise<boolean> => {
    tried += cases.length;
    const found = await best(cases, fails, model);
    if (found) texts = found;
    return found !== undefined;
  };
  for (;;) {
    if (await improve(shorterCases(texts, model.maxTokens))) continue;
    if (tried > MOST_TRIED) break;
    const own = (await logPriorOf([texts], model))[0];
    const changed = await Promise.all(texts.map((t) => likelier(t, model)));
    const cases = changed.flatMap((list, k) => list.map((t) => texts.map((was, i) => (i === k ? t : was))));
    if (cases.length === 0) break;
    const logs = await logPriorOf(cases, model);
    if (!(await improve(cases.filter((_, i) => logs[i] > own)))) break;
  }
  return { texts, tried };
}
