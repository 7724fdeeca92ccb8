import type { Chooser, LanguageModel, SampledBatch } from '@postulate/models';
import type { Maybe } from '../bind/maybe.ts';
import { sessionContinuation } from './session.ts';
import { tableContinuation } from './table.ts';

/**
 * Draws the rest of texts from the prior's own next-token laws: text i begins with `prefixes[i]`, each shorter than
 * `maxTokens`, and draws from `choosers[i]`. Gives whole texts with the log prior of the whole, nats.
 */
export type Continuation = (prefixes: readonly Int32Array[], choosers: readonly Chooser[]) => Maybe<SampledBatch>;

/** Walks contexts where the prior is a table, else feeds one decode session with all prefixes at the same time. */
export function continuationOf(prior: LanguageModel): Continuation {
  return prior.table ? tableContinuation(prior.table, prior.maxTokens) : sessionContinuation(prior);
}
