import { RunningMoments } from '../numeric/index.ts';
import type { Details, Estimate } from '../port/index.ts';
import type { RunsState } from './state.ts';

export interface TwoSided {
  readonly bounds: Details['bounds'];
  /** Why a side is missing. */
  readonly unavailable: Readonly<Record<string, string>>;
}

function mean(values: readonly number[]): Estimate {
  const moments = new RunningMoments();
  for (const v of values) moments.add(v);
  return { value: moments.mean, standardError: moments.standardError };
}

/** Why the mean of log Ẑ is no use: it is −∞ as soon as some run can die. */
function noLower(s: RunsState): string | undefined {
  const dead = s.runs.filter((r) => r.logZ === -Infinity).length;
  if (dead > 0) return `${dead} of ${s.runs.length} runs died, so the mean of log Z over runs is -inf`;
  const event = s.plan.extension.exact ? undefined : s.factors.find((f) => f.capabilities.has('boolean'));
  return event && `a run can die of ${event.label}, so the mean of log Z over runs is -inf`;
}

/**
 * E log Ẑ ≤ log Z over fresh runs, and ≥ log Z over conditional runs with an exact draw among their particles
 * (Grosse, Ghahramani & Adams 2015; `algorithms.md` 5.3).
 */
export function twoSidedBounds(s: RunsState): TwoSided {
  const { exactDraws } = s.plan;
  if (exactDraws === undefined) return { bounds: undefined, unavailable: {} };
  const unavailable: Record<string, string> = {};
  const reason = noLower(s);
  if (reason !== undefined) unavailable['lower bound'] = reason;
  if ('reason' in exactDraws) unavailable['upper bound'] = `there are no exact draws: ${exactDraws.reason}`;
  const conditional = s.runs.flatMap((r) => (r.conditionalLogZ === undefined ? [] : [r.conditionalLogZ]));
  return {
    bounds: {
      lower: reason === undefined ? mean(s.runs.map((r) => r.logZ)) : null,
      upper: conditional.length === 0 ? null : mean(conditional),
    },
    unavailable,
  };
}
