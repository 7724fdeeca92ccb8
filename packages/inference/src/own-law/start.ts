import type { Chooser, LanguageModel } from '@postulate/models';
import type { FittedTarget } from '../bind/index.ts';
import { LogWeightMoments } from '../numeric/index.ts';
import { whole } from '../options/index.ts';
import type { Request } from '../port/index.ts';
import type { OwnLawState } from './state.ts';

/** Texts that the figures go by where fewer draws are wanted. */
export const LEAST_SAMPLES = 1000;

export interface OwnLawSetup extends Pick<OwnLawState, 'words' | 'exact' | 'reasons' | 'batch'> {
  readonly fitted: FittedTarget;
  readonly policy: LanguageModel;
  readonly request: Request;
  readonly chooser: Chooser;
  /** Texts drawn; 0 for the draws wanted and at least `least`. */
  readonly samples: number;
  readonly least?: number;
  /** Texts of the prior that preparations took. */
  readonly prepared: number;
}

export function ownLawState(setup: OwnLawSetup): OwnLawState {
  const { fitted, policy, request, chooser, samples, least = LEAST_SAMPLES, prepared } = setup;
  const { words, exact, reasons, batch } = setup;
  const asked = samples > 0 ? samples : Math.max(least, request.draws);
  whole('samples', asked);
  const { factors } = fitted.target.stages[0];
  return {
    words,
    exact,
    reasons,
    batch,
    target: fitted.target,
    lambda: fitted.lambda,
    factors,
    request,
    chooser,
    policy,
    asked,
    wanted: Math.max(0, Math.min(asked, request.budget - prepared)),
    warnings: fitted.warnings,
    texts: [],
    logProposal: [],
    weights: new LogWeightMoments(),
    named: fitted.target.named.map(() => []),
    killed: factors.map(() => 0),
    prepared,
    chunks: 0,
    tokens: 0,
  };
}
