import { fail, PostError } from '@postulate/graph';
import type { Chooser, LanguageModel } from '@postulate/models';
import { aheadLaw, twistedPolicy } from '../policies/index.ts';
import type { AheadLaw, Preparing, ProposalLaw, Target } from '../port/index.ts';
import { LOOKAHEAD, twistFor, type PreparedTwist } from '../twists/index.ts';
import type { TrainingOptions } from './options.ts';

/** The option `controlDepth` of an engine that has a control law. */
export const CONTROL_DEPTH = 2;
export const CONTROL_DEPTH_HELP = 'control=ahead, guide=rows: how many tokens deep the prior is asked about a way on';

/** A law near the posterior of one target. */
export interface LookAhead extends AheadLaw {
  /** Draws along which it can be asked: of its table's law taken twice over where that is one, which has more of what is rare. */
  readonly texts: LanguageModel;
}

interface Parts extends Preparing {
  readonly targets: readonly Target[];
  readonly proposals: readonly ProposalLaw[] | undefined;
  readonly options: TrainingOptions;
  readonly chooser: Chooser;
}

/** What looks ahead in a run, by target; made when it is first asked for. */
export class LookAheads {
  /** Texts of the prior that it took so far, beyond those of the proposals. */
  modelCalls = 0;
  private readonly made = new Map<string, Promise<LookAhead>>();

  constructor(private readonly parts: Parts) {}

  /** The look-ahead of the run's proposal where that has one, whatever it scores prefixes by. Throws P600 where no factor can be looked ahead. */
  of(target: number): Promise<LookAhead> {
    const proposal = this.parts.proposals?.[target];
    if (proposal?.ahead === undefined || proposal.over === undefined) return this.own(target);
    const { ahead, over } = proposal;
    return this.once(`given ${target}`, async () => ({ ...(await ahead(this.depth)), texts: over(proposal) }));
  }

  /** The same where it goes by what φ is expected to come to, else one of the run's own that does. */
  async expecting(target: number): Promise<LookAhead> {
    const found = await this.of(target);
    return found.leftOut === undefined ? this.own(target) : found;
  }

  private get depth(): number {
    return { controlDepth: CONTROL_DEPTH, ...this.parts.options }.controlDepth;
  }

  private once(name: string, make: () => Promise<LookAhead>): Promise<LookAhead> {
    let found = this.made.get(name);
    if (found === undefined) {
      found = make().then((law) => {
        this.modelCalls += law.modelCalls;
        return law;
      });
      this.made.set(name, found);
    }
    return found;
  }

  private own(i: number): Promise<LookAhead> {
    const { targets, chooser, signal, tell } = this.parts;
    const world = { signal, tell };
    return this.once(`own ${i}`, async () => {
      const { prior } = targets[i];
      const own = chooser.split(i);
      const twist = await ownTable(targets[i], own.split('table'), world);
      const law = await aheadLaw(prior, twist, this.depth, own.split('doubts'), world);
      const texts = twistedPolicy(twistedPolicy(prior, twist, 1), twist, 1);
      return { ...law, modelCalls: law.modelCalls + twist.modelCalls, texts };
    });
  }
}

async function ownTable(target: Target, chooser: Chooser, world: Preparing): Promise<PreparedTwist> {
  try {
    return await twistFor(target, LOOKAHEAD, {}, chooser, world);
  } catch (error) {
    if (!(error instanceof PostError) || error.code !== 'P600') throw error;
    throw fail('P600', `nothing looks ahead towards ${target.name}: ${error.diagnostics[0].message}`, {
      help: 'leave control=ahead and guide=rows out, or give the look-ahead of a proposal: proposal=weighted-decoding with its options, such as proposal.maxMemoryMB.',
      cause: error,
    });
  }
}
