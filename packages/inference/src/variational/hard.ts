import { fail } from '@postulate/graph';
import { shownText } from '../bind/check-values.ts';
import { factorsOf } from '../bind/density.ts';
import { certainty } from '../moments/index.ts';
import { isMachine, takesMinusInfinity } from '../machine/index.ts';
import type { Factor, Fitness, Target } from '../port/index.ts';
import { guidedFactors } from './guide/index.ts';
import { NO_GUIDE } from './options.ts';
import type { Drawn, Training } from './training.ts';

/** The first factor that is known to give some text weight zero, `but` some. */
function hardFactor(target: Target, but: readonly Factor[]): Factor | undefined {
  return factorsOf(target).find((f) => {
    if (but.includes(f)) return false;
    if (f.capabilities.has('boolean')) return true;
    const machine = f.machine();
    return isMachine(machine) && takesMinusInfinity(machine);
  });
}

/** `indicator(e)` as the finite penalty that stands for it. */
function softened(label: string): string {
  const inner = /^indicator\((.*)\)$/s.exec(label)?.[1] ?? label;
  const negated = /^not (\w+|\w+\(.*\))$/s.exec(inner)?.[1];
  return `exp(-k * indicator(${negated ?? `not ${/[\s]/.test(inner) && !/^\w+\(.*\)$/s.test(inner) ? `(${inner})` : inner}`}))`;
}

/** What to do about it; `guidable` where a guide would keep the policy from such texts. */
export const SUGGESTION = (label: string, guidable = false): string => {
  const guide = guidable ? ' give the policy a guide (--option guide=states), which keeps it from such texts,' : '';
  return `state in the file what such a text costs, ${softened(label)} with a finite k,${guide} or use gdc`;
};

/**
 * Refuses hard constraints: every policy that can still write a text of weight zero is infinitely far away (`algorithms.md` 1.2). One
 * that has a guide keeps away from them, as far as the factors have automata; `guide` is the option of an engine whose texts are all the policy's.
 */
export function refuseHard(engine: string, target: Target, what: string, guide?: string): Fitness {
  const guided = guide === undefined || guide === NO_GUIDE ? [] : guidedFactors(target);
  const hard = hardFactor(target, guided);
  const moment = target.stages.flatMap((s) => s.moments).find((m) => certainty(m) !== undefined);
  if (hard === undefined && moment === undefined) return { fits: true };
  const label = hard?.label ?? `indicator(${moment!.function.name})`;
  const reason = `${label} gives some texts weight zero, where ${what} is infinite`;
  const guidable = guide !== undefined && hard !== undefined && guidedFactors(target).includes(hard);
  const { diagnostics } = fail('P600', `the engine ${engine} cannot run ${target.name}: ${reason}`, {
    span: hard?.span ?? moment?.span,
    help: SUGGESTION(label, guidable),
  });
  return { fits: false, reason, diagnostic: diagnostics[0] };
}

/**
 * Ends a run that draws a text of weight zero all the same: a factor ruled it out that could not be known to (P604). Texts from elsewhere
 * that the policy cannot write (`logPi` is −∞) count nothing: their weights come back as 1.
 */
export function hardDraw(t: Training, drawn: Drawn, logPi?: Float64Array): Drawn {
  const { batch, logFactor } = drawn;
  const i = logFactor.findIndex((l, k) => l === -Infinity && logPi?.[k] !== -Infinity);
  if (i === -1) {
    if (!logFactor.includes(-Infinity)) return drawn;
    return { ...drawn, logFactor: logFactor.map((l) => (l === -Infinity ? 0 : l)) };
  }
  const guided = t.options.guide !== NO_GUIDE;
  const why = guided ? ': its guide did not keep the policy from it' : '';
  throw fail(
    'P604',
    `the text ${shownText(batch.text(i))} has weight zero, and the return of ${t.engine} is -inf there${why}`,
    {
      help: guided
        ? 'where the prior rules tokens out itself, a prefix may have no way on that the factors allow; use gdc'
        : 'state in the file what such a text costs, with a finite k: exp(-k * indicator(not e)); or use gdc',
    },
  );
}
