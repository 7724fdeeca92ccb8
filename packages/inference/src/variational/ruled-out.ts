import type { PolicyGuide, SequenceBatch } from '@postulate/models';
import { andThen } from '../bind/maybe.ts';
import { logSumExp } from '../numeric/index.ts';
import type { RowsLaw } from '../port/index.ts';
import { choiceOffsets } from './choices.ts';
import { prefixStates } from './prefix-states.ts';

type Rows = Float32Array | Float64Array;

/**
 * A law without the tokens that a guide rules out, normalised anew: an expectation under a law that writes what the policy cannot is
 * not one that the policy's texts can stand for. Where the guide would leave nothing it rules out nothing.
 */
export function withoutRuledOut(law: RowsLaw, guide: PolicyGuide): RowsLaw {
  if (!guide.values.includes(-Infinity) && guide.machine.output?.includes(-Infinity) !== true) return law;
  return (batch, settled) =>
    andThen(law(batch, settled), (found) => {
      mask(found.rows, batch, guide);
      return found;
    });
}

function mask(rows: Rows, batch: SequenceBatch, { machine, values }: PolicyGuide): void {
  const { states: count, classes, classOf, next, output, finalEnd, vocabularySize: size } = machine;
  const at = choiceOffsets(batch);
  const { states } = prefixStates(machine, batch);
  const allowed = new Uint8Array(classes);
  for (let i = 0; i < batch.size; i++) {
    for (let j = at[i]; j < at[i + 1]; j++) {
      const after = (j - at[i] + 1) * count;
      for (let c = 0; c < classes; c++) {
        const arc = states[j] * classes + c;
        allowed[c] = values[after + next[arc]] > -Infinity && output?.[arc] !== -Infinity ? 1 : 0;
      }
      const ends = finalEnd[states[j]] > -Infinity;
      keep(rows.subarray(j * (size + 1), (j + 1) * (size + 1)), (v) => (v === size ? ends : allowed[classOf[v]] === 1));
    }
  }
}

function keep(row: Rows, allowed: (column: number) => boolean): void {
  const kept = row.map((log, v) => (allowed(v) ? log : -Infinity));
  const total = logSumExp(kept);
  if (total === -Infinity) return;
  for (let v = 0; v < row.length; v++) row[v] = kept[v] - total;
}
