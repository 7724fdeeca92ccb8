import type { Approximation } from '../port/index.ts';
import type { EngineDivergences } from './comparison.ts';

const ZERO = { value: 0, standardError: 0 };
const UNKNOWN: EngineDivergences = { klForward: null, klReverse: null, tv: null, js: null };

/** EngineDivergences between the posterior and what an engine hands out, and why there are none. */
export function divergencesOf(result: Approximation): { readonly found: EngineDivergences; readonly note?: string } {
  if (result.guarantee === 'exact' || result.guarantee === 'exact draws') {
    return { found: { klForward: ZERO, klReverse: ZERO, tv: ZERO, js: ZERO } };
  }
  const given = result.details?.divergences;
  if (given === undefined)
    return { found: UNKNOWN, note: 'the law of its draws has no density to hold against the posterior' };
  const of = (name: string) => given[name] ?? null;
  return { found: { klForward: of('klForward'), klReverse: of('klReverse'), tv: of('tv'), js: of('js') } };
}
