import type { Chooser } from '@postulate/models';
import type { Draw } from '../../port/index.ts';

/** Everything the exact engine knows of a posterior. Figures in nats; null with a reason in `unavailable`. */
export interface Solution {
  readonly method: 'dp' | 'enumerate';
  readonly logZ: number;
  readonly entropy: number | null;
  readonly klToPrior: number | null;
  readonly expectations: Readonly<Record<string, number | null>>;
  readonly unavailable: Readonly<Record<string, string>>;
  readonly support: readonly TextProbability[] | null;
  readonly extra: Readonly<Record<string, number>>;
  draw(chooser: Chooser): Draw;
}

export interface TextProbability {
  readonly text: string;
  readonly probability: number;
}

/** Most texts of a listed support. */
export const MAX_SUPPORT_TEXTS = 4096;

/** Sums probabilities by text, most probable first; null where there are too many texts. */
export function supportOf(entries: Iterable<TextProbability>): readonly TextProbability[] | null {
  const sums = new Map<string, number>();
  for (const { text, probability } of entries) {
    if (probability > 0) sums.set(text, (sums.get(text) ?? 0) + probability);
    if (sums.size > MAX_SUPPORT_TEXTS) return null;
  }
  return [...sums]
    .map(([text, probability]) => ({ text, probability }))
    .sort((a, b) => b.probability - a.probability || (a.text < b.text ? -1 : 1));
}
