import type { SequenceBatch, TokenMachine } from '@postulate/models';
import { machineValues } from '../machine/index.ts';
import { logSumExp } from '../numeric/index.ts';

/**
 * How many of the texts that a table is fitted on tell of what the factors ask for: (Σφ)² / Σφ², 0 where all weigh nothing. What
 * one text alone has shown the table knows by that text's words only.
 */
export function effectiveTexts(machine: TokenMachine, batch: SequenceBatch): number {
  const logs = machineValues(machine, batch);
  const total = logSumExp(logs);
  return total === -Infinity ? 0 : Math.exp(2 * total - logSumExp(logs.map((l) => 2 * l)));
}
