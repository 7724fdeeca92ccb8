import type { SequenceBatch, TokenMachine } from '@postulate/models';
import { machineValues } from '../machine/index.ts';
import { LogWeightMoments } from '../numeric/index.ts';

/**
 * How many of the texts that a table is fitted on tell of what the factors ask for: (Σφ)² / Σφ², 0 where all weigh nothing. What
 * one text alone has shown the table knows by that text's words only.
 */
export function effectiveTexts(machine: TokenMachine, batch: SequenceBatch): number {
  const weights = new LogWeightMoments();
  machineValues(machine, batch).forEach((log) => weights.add(log));
  return weights.ess;
}
