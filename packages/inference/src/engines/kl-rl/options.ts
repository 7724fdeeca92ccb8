import { fail } from '@postulate/graph';
import { whole } from '../../options/index.ts';
import {
  checkProposal,
  CONTROL,
  CONTROL_DEPTH,
  CONTROL_DEPTH_HELP,
  CONTROL_HELP,
  NO_PROPOSAL,
  PROPOSAL_BASE,
  PROPOSAL_BASE_HELP,
  PROPOSAL_HELP,
  PROPOSAL_SHARE,
  PROPOSAL_SHARE_HELP,
  TRAINING_DEFAULTS,
  TRAINING_HELP,
  type TrainingOptions,
} from '../../variational/index.ts';

export interface KlRlOptions extends TrainingOptions {
  readonly method: string;
  readonly exactKl: boolean;
  readonly forwardSteps: number;
  readonly control: string;
  readonly controlDepth: number;
  readonly epochs: number;
  readonly clipRatio: number;
  readonly proposal: string;
  readonly proposalBase: string;
  readonly proposalShare: number;
}

export const KL_RL_DEFAULTS: KlRlOptions = {
  ...TRAINING_DEFAULTS,
  method: 'reinforce',
  exactKl: false,
  forwardSteps: 0,
  control: CONTROL,
  controlDepth: CONTROL_DEPTH,
  epochs: 4,
  clipRatio: 0.2,
  proposal: NO_PROPOSAL,
  proposalBase: PROPOSAL_BASE,
  proposalShare: PROPOSAL_SHARE,
};

export const KL_RL_HELP: Readonly<Record<keyof KlRlOptions, string>> = {
  ...TRAINING_HELP,
  method: 'reinforce, with the mean of the other texts as baseline; or ppo, with clipped ratios and a value baseline',
  exactKl: 'reinforce: the divergence of every token from full rows (Rao-Blackwellised), where rows are small',
  forwardSteps:
    'reinforce: so many steps at first go along the forward divergence KL(p ‖ π), as those of gdc do: it says sooner where a rare reward is',
  control: `reinforce: ${CONTROL_HELP}`,
  controlDepth: CONTROL_DEPTH_HELP,
  epochs: 'ppo: optimiser steps on each batch',
  clipRatio: 'ppo: how far the probability of a token may move in a step before it counts no more',
  proposal: `reinforce: ${PROPOSAL_HELP}`,
  proposalBase: PROPOSAL_BASE_HELP,
  proposalShare: PROPOSAL_SHARE_HELP,
};

/** Ratios of PPO are those of the policy's own texts (P602); a law given for the run is refused as one that an option names. */
export const proposalRefused = (): Error =>
  fail('P602', 'a proposal goes with method=reinforce alone', { kind: 'usage' });

export function checkKlRl(options: KlRlOptions): void {
  const { method, epochs, proposal, exactKl, control, forwardSteps } = options;
  whole('epochs', epochs);
  whole('forwardSteps', forwardSteps);
  checkProposal(options);
  if (proposal !== NO_PROPOSAL && method !== 'reinforce') throw proposalRefused();
  if (exactKl && control !== CONTROL) {
    throw fail('P602', 'exactKl and control are two ways to take the noise off the divergence: one at a time', {
      kind: 'usage',
    });
  }
  if ((control !== CONTROL || forwardSteps > 0) && method === 'ppo') {
    const option = control === CONTROL ? 'forwardSteps' : 'control';
    throw fail('P602', `${option} goes with method=reinforce alone`, { kind: 'usage' });
  }
  if (method !== 'reinforce' && method !== 'ppo') {
    throw fail('P602', `method is reinforce or ppo, found ${method}`, { kind: 'usage' });
  }
}
