import { fail } from '@postulate/graph';
import type { Chooser, PolicyGuide } from '@postulate/models';
import type { Preparing, Target } from '../../port/index.ts';
import { priorDraws } from '../../twists/prior-draws.ts';
import type { LookAheads } from '../look-aheads.ts';
import { NO_GUIDE, type TrainingOptions } from '../options.ts';
import { fitReading } from './fit-reading.ts';
import { choicesOf } from './reading-data.ts';
import { arcsOf, expectedValues, guidedFactors, machineOf } from './states.ts';

export { guidedFactors };

export interface Guides {
  /** One for each target's law. */
  readonly guides: readonly PolicyGuide[];
  /** Texts that it took to make them, beyond those of the look-aheads. */
  readonly modelCalls: number;
}

/** A look-ahead that does not know of a factor would teach the guide to forget it (P600). */
function insistKnown(target: Target, leftOut: readonly string[] = []): void {
  const unknown = guidedFactors(target).find(({ label }) => leftOut.includes(label));
  if (unknown === undefined) return;
  throw fail(
    'P600',
    `a policy towards ${target.name} cannot be guided by rows: no look-ahead knows of ${unknown.label}`,
    {
      help: 'use guide=states, or raise proposal.maxStates and proposal.maxMemoryMB of proposal=weighted-decoding.',
    },
  );
}

/** The guides of a run, or none where it asks for none. Throws P600 where no factor has an automaton. */
export async function guidesOf(
  targets: readonly Target[],
  { guide: kind, guideDraws: draws }: TrainingOptions,
  lookAheads: LookAheads,
  chooser: Chooser,
  world: Preparing,
): Promise<Guides | undefined> {
  if (kind === NO_GUIDE) return undefined;
  const guides: PolicyGuide[] = [];
  let modelCalls = 0;
  for (const [i, target] of targets.entries()) {
    world.signal?.throwIfAborted();
    const { prior } = target;
    const own = chooser.split(i);
    const machine = machineOf(target);
    const drawn = { prior, chooser: own, signal: world.signal, tell: world.tell };
    const batch = await priorDraws(drawn, { many: draws, few: draws }, 'a guide');
    const guide = { machine, values: expectedValues(machine, arcsOf(machine, batch), prior.maxTokens) };
    modelCalls += draws;
    if (kind === 'states') {
      guides.push(guide);
      continue;
    }
    const { law, texts, leftOut } = await lookAheads.expecting(i);
    insistKnown(target, leftOut);
    const choices = await choicesOf({ prior, guide, law, texts, draws, chooser: own.split('rows'), ...world });
    guides.push(fitReading(guide, choices));
    modelCalls += draws;
  }
  return { guides, modelCalls };
}
