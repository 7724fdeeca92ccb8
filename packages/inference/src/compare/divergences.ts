import { lawDivergences } from '../diagnostics/index.ts';
import type { Approximation, Estimate } from '../port/index.ts';
import type { EngineDivergences } from './comparison.ts';

const ZERO = { value: 0, standardError: 0 };
const UNKNOWN: EngineDivergences = { klForward: null, klReverse: null, tv: null, js: null };

/** Those of a trained policy by a log Z that knows what the policy does not: its own draws miss what it has lost. */
function withLogZ(
  { guarantee, details }: Approximation,
  logZ: Estimate | null,
): Readonly<Record<string, Estimate | null>> | undefined {
  const weights = details?.logWeights;
  if (guarantee !== 'variational' || logZ === null || weights === undefined) return undefined;
  const found = lawDivergences(weights, {}, logZ);
  // Below zero it is a mean over the wrong texts: those that carry the posterior were never drawn.
  const lost = found.klForward !== null && found.klForward.value < 0;
  return lost ? { ...found, klForward: null } : found;
}

/** EngineDivergences between the posterior and what an engine hands out, and why there are none. */
export function divergencesOf(
  result: Approximation,
  logZ: Estimate | null,
): { readonly found: EngineDivergences; readonly note?: string } {
  if (result.guarantee === 'exact' || result.guarantee === 'exact draws') {
    return { found: { klForward: ZERO, klReverse: ZERO, tv: ZERO, js: ZERO } };
  }
  const given = withLogZ(result, logZ) ?? result.details?.divergences;
  if (given === undefined)
    return { found: UNKNOWN, note: 'the law of its draws has no density to hold against the posterior' };
  const of = (name: string) => given[name] ?? null;
  return { found: { klForward: of('klForward'), klReverse: of('klReverse'), tv: of('tv'), js: of('js') } };
}
