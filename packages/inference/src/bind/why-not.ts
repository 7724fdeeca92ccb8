import { type Capability, PostError } from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';
import type { Fitness } from '../port/index.ts';

/** `: ` and why a prior lacks a capability, where it says so; else nothing. */
export function whyNot(prior: LanguageModel, capability: Capability): string {
  const reason = prior.lacks?.get(capability);
  return reason === undefined ? '' : `: ${reason}`;
}

/** Throws what an engine's refusal says. */
export function insist(fit: Fitness): void {
  if (!fit.fits) throw new PostError([fit.diagnostic]);
}
