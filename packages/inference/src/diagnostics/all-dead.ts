import { fail } from '@postulate/graph';
import { targetBound } from '../bind/index.ts';
import type { Target } from '../port/index.ts';

/**
 * The error of a run of which every one of `size` texts has weight zero: P403 where that is proved of all texts, else P604
 * naming the factor that most of them met first. `killed[k]` counts those of factor k of the target's first stage.
 */
export function allDead(target: Target, killed: readonly number[], size: number): Error {
  const bound = targetBound(target);
  if ('logBound' in bound && bound.logBound === -Infinity) {
    return fail('P403', `${target.name} has no mass: every text that the prior can produce has weight zero`);
  }
  const most = killed.indexOf(Math.max(...killed));
  const factor = target.stages[0].factors[most];
  return fail(
    'P604',
    `all ${size} proposals have weight zero; the factor ${factor.label} rejected ${killed[most]} of them`,
    {
      span: factor.span,
      help: 'try --engine exact, or --engine rejection with a larger budget, or weaken the factor',
    },
  );
}
