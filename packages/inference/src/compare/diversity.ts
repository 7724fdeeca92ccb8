import { uniqueDraws } from '../diagnostics/index.ts';
import type { Draw, Target } from '../port/index.ts';
import type { Diversity } from './comparison.ts';

/** Variety of a set of draws. */
export function diversityOf(_target: Target, draws: readonly Draw[], _seed: string): Diversity {
  if (draws.length === 0) return {};
  return { unique: { value: uniqueDraws(draws) / draws.length, standardError: null } };
}
