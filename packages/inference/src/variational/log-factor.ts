import type { SequenceBatch, TextBatch, TokenMachine } from '@postulate/models';
import { logFactors } from '../bind/density.ts';
import { andThen, type Maybe } from '../bind/maybe.ts';
import { machineValue } from '../machine/index.ts';
import type { Factor, Target } from '../port/index.ts';
import { jointOf } from './joint.ts';
import type { LogFactor } from './training.ts';

function addMachine(machine: TokenMachine, batch: SequenceBatch, out: Float64Array): void {
  const { tokens, offsets, finished, size } = batch;
  for (let i = 0; i < size; i++) {
    out[i] += machineValue(machine, tokens, finished[i] === 1, offsets[i], offsets[i + 1]);
  }
}

/** Σ log φ: by one automaton over the tokens as far as the factors have them, else from the texts. */
export function logFactorOf(target: Target): LogFactor {
  const { machine, included, leftOut } = jointOf(target);
  const others: readonly Factor[] = leftOut.map((l) => l.factor);
  const values = (batch: TextBatch): Maybe<Float64Array> =>
    andThen(logFactors(others, batch), ({ logFactor }) => {
      if (included.length > 0) addMachine(machine, batch, logFactor);
      return logFactor;
    });
  return Object.assign(values, { machine, whole: others.length === 0 });
}
