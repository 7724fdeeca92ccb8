import type { BackoffTable, LanguageModel } from '@postulate/models';
import type { TokenMachine } from '@postulate/models';
import { noMachine, type MachineResult } from '../machine/index.ts';

/** Most entries (contexts × vocabulary) of a model that is spelled out as a machine. */
const MAX_ENTRIES = 200_000;

/** Every row of a back-off table in full: log P(w | h) with the end of sequence last, and the context after w. */
export interface DenseTable {
  readonly contexts: number;
  /** Vocabulary and the end of sequence. */
  readonly columns: number;
  readonly logProbs: Float64Array;
  readonly targets: Int32Array;
}

function fillRow(table: BackoffTable, h: number, raw: Float64Array, targets: Int32Array, at: number): void {
  const columns = table.vocabularySize + 1;
  let weight = 1;
  const seen = new Uint8Array(columns);
  for (let g = h; g !== -1; g = table.parent[g]) {
    for (let k = table.rowStart[g]; k < table.rowStart[g + 1]; k++) {
      const w = table.words[k];
      if (seen[w] === 1) continue;
      seen[w] = 1;
      raw[at + w] = weight * table.probs[k];
      targets[at + w] = table.targets[k];
    }
    weight *= table.backoff[g];
  }
}

/** Spells out a back-off table; undefined where it has too many entries. */
export function denseTable(table: BackoffTable, maxEntries = MAX_ENTRIES): DenseTable | undefined {
  const columns = table.vocabularySize + 1;
  if (table.contexts * columns > maxEntries) return undefined;
  const raw = new Float64Array(table.contexts * columns);
  const targets = new Int32Array(raw.length).fill(-1);
  for (let h = 0; h < table.contexts; h++) fillRow(table, h, raw, targets, h * columns);
  const logProbs = raw.map((p, i) => Math.log(p / (table.norm?.[Math.floor(i / columns)] ?? 1)));
  return { contexts: table.contexts, columns, logProbs, targets };
}

/**
 * coefficient · log prior(x) as a machine whose states are the contexts of a small finite-state model. A text that the
 * model cannot produce has the value −∞ whatever the coefficient. `renumber` maps tokens of the target to the model's.
 */
export function modelMachine(model: LanguageModel, coefficient: number, renumber?: Int32Array): MachineResult {
  if (!model.table) return noMachine('the density of a model that is not finite-state has no automaton');
  const dense = denseTable(model.table);
  if (!dense) return noMachine(`the model has more than ${MAX_ENTRIES} transitions`);
  const { contexts, columns } = dense;
  const classes = columns - 1;
  const scaled = (x: number): number => (x === -Infinity ? x : coefficient * x);
  const next = new Int32Array(contexts * classes);
  const output = new Float64Array(contexts * classes);
  for (let h = 0; h < contexts; h++) {
    for (let w = 0; w < classes; w++) {
      output[h * classes + w] = scaled(dense.logProbs[h * columns + w]);
      next[h * classes + w] = Math.max(0, dense.targets[h * columns + w]);
    }
  }
  const machine: TokenMachine = {
    vocabularySize: classes,
    states: contexts,
    start: model.table.start,
    classes,
    classOf: renumber ?? Int32Array.from({ length: classes }, (_, w) => w),
    next,
    output,
    finalEnd: Float64Array.from({ length: contexts }, (_, h) => scaled(dense.logProbs[h * columns + classes])),
    finalStop: new Float64Array(contexts),
  };
  return machine;
}
