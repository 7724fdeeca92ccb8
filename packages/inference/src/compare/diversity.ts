import { seededChooser } from '../chooser/index.ts';
import { collisionProbability, distinctN, repetitionRate, selfBleu, uniqueDraws } from '../diagnostics/index.ts';
import type { Draw, Estimate } from '../port/index.ts';
import type { Diversity } from './comparison.ts';

/** How many draws and tokens every set of a comparison is measured on: variety falls or grows with the size of a sample. */
export interface SampleSize {
  readonly draws: number;
  readonly tokens: number;
}

/** Most draws for self-BLEU, whose cost grows with the square. */
const BLEU_DRAWS = 200;

/** What every set of draws has at least; sets without draws do not count. */
export function commonSize(sets: readonly (readonly Draw[])[]): SampleSize {
  const live = sets.filter((s) => s.length > 0);
  const draws = live.reduce((n, s) => Math.min(n, s.length), Infinity);
  const total = (s: readonly Draw[]): number => s.slice(0, draws).reduce((n, d) => n + d.tokens.length, 0);
  return { draws, tokens: live.reduce((n, s) => Math.min(n, total(s)), Infinity) };
}

const plain = (value: number | null): Estimate | null => (value === null ? null : { value, standardError: null });

/** Variety of a set of draws, measured on as much of it as the others have too. */
export function diversityOf(draws: readonly Draw[], size: SampleSize, seed: string): Diversity {
  if (draws.length < size.draws) return {};
  const chooser = seededChooser(seed).split('diversity');
  const set = draws.slice(0, size.draws);
  const sequences = set.map((d) => d.tokens);
  return {
    'distinct-2': plain(distinctN(sequences, 2, size.tokens, chooser.split('distinct'))),
    'self-BLEU': plain(selfBleu(sequences, 4, Math.min(BLEU_DRAWS, size.draws), chooser.split('bleu'))),
    repetition: repetitionRate(sequences, 1),
    unique: plain(uniqueDraws(set) / set.length),
    collision: collisionProbability(set),
  };
}
