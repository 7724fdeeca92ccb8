import { fail } from '@postulate/graph';
import { targetBound } from '../bind/index.ts';
import type { RunsState } from './state.ts';

/** The error for runs in which every particle died. */
export function allDead(s: RunsState): Error {
  const bound = targetBound(s.target);
  // An exact look-ahead leaves nothing only where there is nothing.
  const empty = s.plan.extension.exact === true || ('logBound' in bound && bound.logBound === -Infinity);
  if (empty) {
    return fail(
      'P403',
      `posterior "${s.target.name}" has no mass: every text that the prior can produce has weight zero`,
    );
  }
  const killed = new Int32Array(s.factors.length + 1);
  for (const run of s.runs) run.killed.forEach((n, k) => (killed[k] += n));
  const most = killed.indexOf(killed.reduce((a, b) => Math.max(a, b), 0));
  const factor = s.factors[most];
  const { extension } = s.plan;
  const label = factor?.label ?? extension.blame ?? extension.name;
  const deaths = killed.reduce((a, b) => a + b, 0);
  const last = s.runs[s.runs.length - 1].lastDeath;
  const where = last === undefined ? '' : `; the last one died of ${last.factor} at "${last.prefix}"`;
  return fail(
    'P604',
    `all ${s.runs.length} runs of ${s.plan.particles} particles died; the factor ${label} killed ${killed[most]} of the ${deaths} that died${where}`,
    {
      span: factor?.span,
      help: `try --engine ${s.others}, raise the option particles, or weaken the factor`,
    },
  );
}
