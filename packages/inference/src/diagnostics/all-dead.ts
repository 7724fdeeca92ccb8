import { fail } from '@postulate/graph';
import { targetBound } from '../bind/target-bound.ts';
import type { Factor, Target } from '../port/index.ts';

/** What a run without a single text of positive weight tried. */
export interface AllDead {
  readonly target: Target;
  readonly factors: readonly Factor[];
  /** Texts that each factor was the first to give weight zero; one entry more counts those the prior cannot produce. */
  readonly killed: readonly number[];
  /** Texts in all, and what they are called. */
  readonly tried: number;
  readonly texts: string;
  readonly help?: string;
}

const HELP = 'try --engine smc or exact, or --engine rejection with a larger budget, or weaken the factor';

/** The error for it: P403 where it is proved that there is no such text, else P604 with the factor that killed most. */
export function allDead({ target, factors, killed, tried, texts, help = HELP }: AllDead): Error {
  const bound = targetBound(target);
  if ('logBound' in bound && bound.logBound === -Infinity) {
    return fail('P403', `${target.name} has no mass: every text that the prior can produce has weight zero`);
  }
  const most = killed.indexOf(Math.max(...killed));
  const factor = most < factors.length ? factors[most] : undefined;
  const why = factor
    ? `the factor ${factor.label} rejected ${killed[most]} of them`
    : `the prior cannot produce ${killed[most]} of them`;
  return fail('P604', `all ${tried} ${texts} have weight zero; ${why}`, { span: factor?.span, help });
}
