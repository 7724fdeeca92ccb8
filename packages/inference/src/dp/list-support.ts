import type { LanguageModel } from '@postulate/models';
import { listBySession } from './list-session.ts';
import { countSupport, listTables, type Listing } from './listing.ts';
import { isTabulated } from './terms.ts';

/** Whether a model that can only be decoded has few enough sequences, whatever its probabilities. */
function mayList(prior: LanguageModel, limit: number): boolean {
  return prior.maxTokens * Math.log(prior.vocabulary.size + 1) <= Math.log(limit);
}

/** Whether the support of a model has at most `limit` sequences, as far as can be told without listing it. */
export function isListable(prior: LanguageModel, limit: number): boolean {
  return isTabulated(prior) ? countSupport(prior, limit) < Infinity : mayList(prior, limit);
}

/** Every sequence of positive probability; undefined where there are more than `limit`. */
export async function listSupport(prior: LanguageModel, limit: number): Promise<Listing | undefined> {
  if (!isListable(prior, limit)) return undefined;
  return isTabulated(prior) ? listTables(prior, limit) : listBySession(prior, limit);
}
