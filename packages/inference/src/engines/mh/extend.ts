import { judged } from './functionals.ts';
import type { MhState, Plan } from './state.ts';
import { fallsShort } from './verdict.ts';

/** Steps of each chain that the plan asks for and the budget allows, those taken included. */
export function stepsWithin({ plan, request, modelCalls, taken }: MhState): number {
  const { chains, warmup, thin, recorded } = plan;
  return Math.min(warmup + recorded * thin, taken + Math.floor(Math.max(0, request.budget - modelCalls) / chains));
}

/** Whether the chains may yet go on for longer than planned. */
export const mayExtend = ({ plan }: MhState): boolean => plan.recorded < plan.most;

/** The plan of chains twice as long, as far as the budget goes; undefined where it goes no further. */
function longer(s: MhState): Plan | undefined {
  const { recorded, most, warmup, thin } = s.plan;
  const wanted = { ...s.plan, recorded: Math.min(most, 2 * recorded) };
  const within = Math.floor((stepsWithin({ ...s, plan: wanted }) - warmup) / thin);
  return within > recorded ? { ...wanted, recorded: within } : undefined;
}

/**
 * Chains that are through, but whose R̂ or effective sample size does not suffice, go on to twice as many recorded states. Where
 * they stop depends on what they found, which is why few looks are taken.
 */
export function extend(s: MhState): void {
  if (s.taken < s.total || !mayExtend(s)) return;
  const plan = fallsShort(s, judged(s)) ? longer(s) : undefined;
  s.plan = plan ?? { ...s.plan, most: s.plan.recorded };
  if (plan !== undefined) s.total = stepsWithin(s);
}
