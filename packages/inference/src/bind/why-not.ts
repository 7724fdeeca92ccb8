import type { Capability } from '@postulate/graph';
import type { LanguageModel } from '@postulate/models';

/** `: ` and why a prior lacks a capability, where it says so; else nothing. */
export function whyNot(prior: LanguageModel, capability: Capability): string {
  const reason = prior.lacks?.get(capability);
  return reason === undefined ? '' : `: ${reason}`;
}
