import { factorsOf, whyNot } from '../../bind/index.ts';
import { isMachine } from '../../machine/index.ts';
import type { Factor, Fitness, Target } from '../../port/index.ts';

function refusal(target: Target, reason: string, factor: Factor | undefined, help: string): Fitness {
  const message = `the engine awrs cannot run ${target.name}: ${reason}`;
  return { fits: false, reason, diagnostic: { code: 'P600', severity: 'error', message, span: factor?.span, help } };
}

/** Adaptive rejection needs the prior's next-token law, and an event that a prefix can be tested against. */
export function awrsFitness(target: Target): Fitness {
  if (!target.prior.capabilities.has('nextTokenScores')) {
    const why = whyNot(target.prior, 'nextTokenScores');
    const reason = `awrs extends texts token by token, and the prior gives no next-token law${why}`;
    return refusal(target, reason, undefined, 'use --engine importance');
  }
  const events = factorsOf(target).filter((f) => f.capabilities.has('boolean'));
  if (events.length === 0) {
    const reason = 'awrs rejects tokens that break an event, and no factor is an event';
    return refusal(target, reason, undefined, 'use --engine smc');
  }
  const testable = events.filter((f) => isMachine(f.machine()));
  if (testable.length > 0) {
    return { fits: true, note: `rejects tokens by ${testable.map((f) => f.label).join(', ')}` };
  }
  const own = events[0].machine();
  const why = isMachine(own) ? '' : `: ${own.reason}`;
  const reason = `awrs needs an event that prefixes can be tested against, and ${events[0].label} has no automaton${why}`;
  return refusal(target, reason, events[0], 'use --engine smc or importance');
}
