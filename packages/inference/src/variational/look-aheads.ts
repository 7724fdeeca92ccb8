import type { Chooser, LanguageModel } from '@postulate/models';
import { whole } from '../options/index.ts';
import { aheadLaw, twistedPolicy } from '../policies/index.ts';
import type { ProposalLaw, RowsLaw, Target } from '../port/index.ts';
import { twistFor, type TwistWorld } from '../twists/index.ts';
import type { TrainingOptions } from './options.ts';

/** The option `controlDepth` of an engine that has a control law. */
export const CONTROL_DEPTH = 2;
export const CONTROL_DEPTH_HELP = 'control=ahead, guide=rows: how many tokens deep the prior is asked about a way on';

/** A law near the posterior of one target. */
export interface LookAhead {
  /** Its rows (`aheadRows`). */
  readonly law: RowsLaw;
  /** Draws along which it can be asked: of the look-ahead taken twice over, which have more of what is rare. */
  readonly texts: LanguageModel;
}

interface Parts extends TwistWorld {
  readonly targets: readonly Target[];
  readonly proposals: readonly ProposalLaw[] | undefined;
  readonly options: TrainingOptions;
  readonly chooser: Chooser;
}

/** What looks ahead in a run, by target; made when it is first asked for, of the run's proposal where that looks ahead itself. */
export class LookAheads {
  /** Texts of the prior that it took so far, beyond those of the proposals. */
  modelCalls = 0;
  private readonly made = new Map<number, Promise<LookAhead>>();

  constructor(private readonly parts: Parts) {}

  /** Throws P600 where no factor can be looked ahead, P602 for a depth that is no number of tokens. */
  of(target: number): Promise<LookAhead> {
    let found = this.made.get(target);
    if (found === undefined) this.made.set(target, (found = this.make(target)));
    return found;
  }

  private async make(i: number): Promise<LookAhead> {
    const { targets, proposals, options, chooser, ...world } = this.parts;
    const { controlDepth: depth } = { controlDepth: CONTROL_DEPTH, ...options };
    whole('controlDepth', depth);
    const proposal = proposals?.[i];
    if (proposal?.ahead !== undefined && proposal.over !== undefined) {
      const { law, modelCalls } = await proposal.ahead(depth);
      this.modelCalls += modelCalls;
      return { law, texts: proposal.over(proposal) };
    }
    const { prior } = targets[i];
    const own = chooser.split(i);
    const twist = await twistFor(targets[i], 'lookahead', {}, own.split('table'), world);
    const { law, modelCalls } = await aheadLaw(prior, twist, depth, own.split('doubts'), world);
    this.modelCalls += twist.modelCalls + modelCalls;
    return { law, texts: twistedPolicy(twistedPolicy(prior, twist, 1), twist, 1) };
  }
}
