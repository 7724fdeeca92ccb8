import type { Argument, Arguments } from './graph.ts';
import { range, REALS } from './interval.ts';
import type { Range } from './range.ts';

/** What a bound prior tells about every text it can produce. */
export interface PriorFacts {
  /** Most tokens of a text. */
  readonly maxTokens: number;
  /** Most Unicode code points of a text's string. */
  readonly maxChars: number;
}

/** How a builtin score can be computed along a text: `additive` ones are sums over the moves of an automaton. */
export type FeatureShape = 'additive' | 'opaque';

interface FeatureFacts {
  readonly shape: FeatureShape;
  readonly range: (args: Arguments, facts: PriorFacts | undefined) => Range;
}

const upTo = (n: number): Range => range(0, n);
const half = (facts: PriorFacts | undefined): number => (facts ? Math.floor((facts.maxChars + 1) / 2) : Infinity);

/** Words take a code point each and one between them, so a text of n code points has at most ⌊(n + 1) / 2⌋. */
function weighted(weights: readonly number[] | undefined, facts: PriorFacts | undefined): Range {
  if (weights === undefined) return REALS;
  const most = half(facts);
  const times = (w: number): number => (w === 0 ? 0 : w * most);
  return range(times(Math.min(0, ...weights)), times(Math.max(0, ...weights)));
}

function recordWeights(weights: Argument | undefined): readonly number[] | undefined {
  if (weights?.kind !== 'record') return undefined;
  return weights.entries.flatMap(([, v]) => (v.kind === 'number' ? [v.value] : []));
}

function countRange(args: Arguments, facts: PriorFacts | undefined): Range {
  const needle = args['text'];
  const size = needle?.kind === 'string' ? Math.max(1, [...needle.value].length) : 1;
  return upTo(facts ? Math.floor(facts.maxChars / size) : Infinity);
}

/** The weights of AFINN-165 lie in −5 … 5. */
const AFINN_EXTREMES = [-5, 5];

const FEATURES: Readonly<Record<string, FeatureFacts>> = {
  length: { shape: 'additive', range: (_, facts) => upTo(facts?.maxTokens ?? Infinity) },
  chars: { shape: 'additive', range: (_, facts) => upTo(facts?.maxChars ?? Infinity) },
  words: { shape: 'additive', range: (_, facts) => upTo(half(facts)) },
  count: { shape: 'additive', range: countRange },
  lexicon: { shape: 'additive', range: (args, facts) => weighted(recordWeights(args['weights']), facts) },
  sentiment: { shape: 'additive', range: (_, facts) => weighted(AFINN_EXTREMES, facts) },
  distinct: { shape: 'opaque', range: () => range(0, 1, true, false) },
  classifier: { shape: 'opaque', range: () => range(-Infinity, 0) },
  reward_model: { shape: 'opaque', range: () => REALS },
};

/** Where the values of a builtin score lie: from the file alone, or narrowed with what the bound prior allows. */
export function featureRange(name: string, args: Arguments, facts?: PriorFacts): Range {
  return FEATURES[name]?.range(args, facts) ?? REALS;
}

export function featureShape(name: string): FeatureShape {
  return FEATURES[name]?.shape ?? 'opaque';
}
