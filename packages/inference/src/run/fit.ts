import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';
import { seededChooser } from '../chooser/index.ts';
import { engineNamed, engines, variationalEngines } from '../engines/index.ts';
import type { Approximation, Draw, ProposalLaw, Target } from '../port/index.ts';
import {
  policyDraws,
  variationalResult,
  type Trainer,
  type TrainingOptions,
  type VariationalEngine,
} from '../variational/index.ts';
import { engineOptions } from './options.ts';
import { proposalOf, splitOptions } from './proposal.ts';
import { sourceDraws, splitSource } from './source.ts';

export interface TrainingRun {
  readonly engine: string;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
  /** Default "0". */
  readonly seed?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how far the preparation of the run is, where that takes long. */
  readonly onMessage?: ((message: string) => void) | undefined;
}

/** A run that trains one policy for a family of targets. */
export interface Fit {
  readonly engine: string;
  /** With every default filled in. */
  readonly options: Readonly<Record<string, number | boolean | string>>;
  readonly trainer: Trainer;
  /** What the policy is for one member of the family, as it is now, with `draws` of its texts. */
  result(member: number, draws: number): Promise<Approximation>;
}

function trainable(name: string): VariationalEngine<TrainingOptions> {
  const found = variationalEngines.find((e) => e.name === name);
  if (found !== undefined) return found;
  const engine = engineNamed(name);
  throw fail('P601', `the engine ${engine.name} trains no policy`, {
    help: `those that do are ${variationalEngines.map((e) => e.name).join(', ')}; post sample runs the others`,
    kind: 'usage',
  });
}

/**
 * Opens a training run. Its randomness is that of `run` with the same engine and seed, so that both train the same policy. Throws
 * P601, P602, P600 as `run` does, and P604 where there is nothing to learn from.
 */
export async function openFit(targets: readonly Target[], o: TrainingRun): Promise<Fit> {
  const engine = trainable(o.engine);
  const { own: written, source: ofSource } = splitSource(o.options);
  const { own, proposal: ofProposal } = splitOptions(written);
  const options = engineOptions(engine as never, own) as TrainingOptions;
  const name = (options as { readonly proposal?: string }).proposal;
  const chooser: Chooser = seededChooser(o.seed ?? '0').split(engine.name);
  const world = { signal: o.signal, tell: o.onMessage };
  const source: (readonly Draw[])[] = [];
  const proposals: ProposalLaw[] = [];
  for (const [i, target] of targets.entries()) {
    const label = targets.length === 1 ? 'source' : `source ${i}`;
    const draws = await sourceDraws(target, { ...options }, ofSource, chooser.split(label), o.signal);
    if (draws !== undefined) source.push(draws);
    const own = chooser.split(targets.length === 1 ? 'proposal' : `proposal ${i}`);
    const law = await proposalOf(target, name, ofProposal, engines, own, world);
    if (law !== undefined) proposals.push(law);
  }
  const given = {
    ...world,
    ...(source.length === 0 ? {} : { source }),
    ...(proposals.length === 0 ? {} : { proposals }),
  };
  const trainer = await engine.train(targets, options, given, chooser);
  return {
    engine: engine.name,
    options: { ...options },
    trainer,
    async result(member, draws) {
      const reading = { trainer, member, wanted: draws, chooser };
      return variationalResult(reading, await policyDraws(reading));
    },
  };
}
