import { fail } from '@postulate/graph';
import type { LanguageModel, TrainablePolicy } from '@postulate/models';
import type { ProposalLaw } from '../port/index.ts';
import type { TrainingOptions } from './options.ts';

/** The option `proposal` of an engine that draws from its policy alone. */
export const NO_PROPOSAL = 'none';

export const PROPOSAL_HELP =
  'an engine whose law has a density, which a share of the texts is drawn from (options proposal.NAME); none: all from the policy';

/** The option `proposalBase` of the same engines. */
export const PROPOSAL_BASE = 'prior';

export const PROPOSAL_BASE_HELP =
  'what a proposal that decodes token by token is made over: the prior, or the policy as it is (policy), which it then follows';

/** The option `proposalShare` of the same engines. */
export const PROPOSAL_SHARE = 0.5;

export const PROPOSAL_SHARE_HELP = 'share of the texts that is drawn from the proposal, above 0 and below 1';

export interface ProposalOptions {
  readonly proposal: string;
  readonly proposalBase: string;
  readonly proposalShare: number;
}

/** Those of an engine that has them; without, a proposal given for the run is drawn from as by default. */
function proposalOptions(options: TrainingOptions): Omit<ProposalOptions, 'proposal'> {
  return { proposalBase: PROPOSAL_BASE, proposalShare: PROPOSAL_SHARE, ...options };
}

export const shareOf = (options: TrainingOptions): number => proposalOptions(options).proposalShare;

/** The error for options that cannot be meant (P602). */
export const usage = (message: string): Error => fail('P602', message, { kind: 'usage' });

/** Refuses what cannot be meant as a proposal of a training engine (P602). */
export function checkProposal({ proposal, proposalBase, proposalShare }: ProposalOptions): void {
  if (proposal === 'prior') {
    throw usage('proposal is none or an engine whose law has a density; the policy starts as the prior');
  }
  if (proposalBase !== 'prior' && proposalBase !== 'policy') {
    throw usage(`proposalBase is prior or policy, found ${proposalBase}`);
  }
  if (!(proposalShare > 0 && proposalShare < 1)) {
    throw usage(`proposalShare is above 0 and below 1, found ${proposalShare}`);
  }
}

/** Refuses what is said of a proposal that there is not, or of one that cannot be made over the policy (P602). */
export function checkProposals(proposals: readonly ProposalLaw[] | undefined, options: TrainingOptions): void {
  const { proposalBase, proposalShare } = proposalOptions(options);
  if (proposals === undefined) {
    const given =
      proposalBase !== PROPOSAL_BASE ? 'proposalBase' : proposalShare !== PROPOSAL_SHARE ? 'proposalShare' : '';
    if (given === '') return;
    throw usage(`${given} is said of a proposal, and there is none: give the option proposal`);
  }
  if (proposalBase !== PROPOSAL_BASE && proposals.some(({ over }) => over === undefined)) {
    throw usage('proposalBase=policy goes with a proposal that decodes token by token: proposal=weighted-decoding');
  }
}

/**
 * The laws that a run's texts come from beside its policy. Over the policy as it is, they have what it has learnt so far: weights π/q
 * are more even, and less help is asked of them the nearer π is. The options are checked (`checkProposals`).
 */
export function proposalsOver(
  policy: TrainablePolicy,
  proposals: readonly ProposalLaw[] | undefined,
  options: TrainingOptions,
): readonly LanguageModel[] | undefined {
  if (proposalOptions(options).proposalBase === PROPOSAL_BASE) return proposals;
  return proposals?.map(({ over }, law) => over!(policy.laws[law]));
}
