import { fail } from '@postulate/graph';
import {
  choiceOffsets,
  type BackoffTable,
  type LanguageModel,
  type PolicyOptions,
  type SequenceBatch,
  type Snapshot,
  type TrainablePolicy,
  type UpdateInfo,
} from '../port/index.ts';
import { adamRow, makeAdam } from './row-adam.ts';
import { storedTable } from './stored-table.ts';
import { TableGradient } from './table-gradient.ts';
import { makeWeights, type RowWeights, softmaxRow, tableLaw, walk } from './table-law.ts';
import { contextRows, positionRows, type StartedRows, type TableRows } from './table-rows.ts';

/** What suits a table: a logit moves by at most this much in a step. */
const LEARNING_RATE = 0.2;
const CLIP = 1;

let made = 0;

type Numbers = Int32Array | Float64Array;

const same = (a: Numbers, b: Numbers): boolean =>
  a === b || (a.length === b.length && (a as Int32Array).every((x, i) => x === b[i]));

/** Whether two tables hold the same law after every context, wherever texts start. */
function sameRows(a: BackoffTable, b: BackoffTable): boolean {
  const parts = (t: BackoffTable): readonly Numbers[] => [t.rowStart, t.words, t.probs, t.targets, t.backoff, t.parent];
  const others = parts(b);
  return a.vocabularySize === b.vocabularySize && parts(a).every((part, i) => same(part, others[i]));
}

/** Models that share a table but for the context in which they start. */
function startsOf(model: LanguageModel, family: readonly LanguageModel[]): readonly number[] {
  const own = model.table as BackoffTable;
  return family.map(({ table }) => {
    if (table !== undefined && sameRows(table, own)) return table.start;
    throw fail('P600', 'the priors of the contexts are different tables, which share nothing that could be trained', {
      help: 'let the contexts be prompts of one prior.',
    });
  });
}

function copyOf({ probs, logProbs, cumulative }: RowWeights): RowWeights {
  return { probs: probs.slice(), logProbs: logProbs.slice(), cumulative: cumulative.slice() };
}

function denseRows(
  rows: TableRows,
  { logProbs }: RowWeights,
  batch: SequenceBatch,
  startOf: (i: number) => number,
): Float64Array {
  const width = rows.vocabularySize + 1;
  const at = choiceOffsets(batch);
  const out = new Float64Array(at[batch.size] * width).fill(-Infinity);
  for (let i = 0; i < batch.size; i++) {
    let base = at[i] * width;
    walk(rows, batch, i, startOf(i), (_, h) => {
      for (let k = rows.rowStart[h]; k < rows.rowStart[h + 1]; k++) out[base + rows.words[k]] = logProbs[k];
      base += width;
    });
  }
  return out;
}

/**
 * A table of logits, one row for each context of a finite-state prior (or for each position of a context), which starts at the prior
 * and has its support: what the prior cannot produce stays impossible. Trained by Adam with clipped gradients.
 */
export function tablePolicy(
  model: LanguageModel,
  options: PolicyOptions,
  family: readonly LanguageModel[] = [model],
): TrainablePolicy {
  const table = model.table as BackoffTable;
  const at = startsOf(model, family);
  const started: StartedRows = options.positions ? positionRows(table, at, model.maxTokens) : contextRows(table, at);
  const { rows, starts } = started;
  const logits = rows.logPrior.slice();
  const weights = makeWeights(rows, logits);
  const adam = makeAdam(rows);
  const gradient = new TableGradient(rows);
  const rate = options.learningRate > 0 ? options.learningRate : LEARNING_RATE;
  const clip = options.clip > 0 ? options.clip : CLIP;
  const { vocabulary, maxTokens } = model;
  const lawsOf = (w: RowWeights, id: string): readonly LanguageModel[] =>
    starts.map((start, i) => tableLaw({ id: `${id}.${i}`, vocabulary, maxTokens, rows, weights: w, start }));
  const startOf = (of: Int32Array | undefined): ((i: number) => number) =>
    of === undefined ? () => starts[0] : (i) => starts[of[i]];
  const id = `${model.id}~policy#${++made}`;
  const laws = lawsOf(weights, id);
  let step = 0;
  let frozenCount = 0;

  const apply = (logProbs: Float64Array, factor = 1): UpdateInfo => {
    const gradientNorm = gradient.finish(weights);
    const clipped = gradientNorm > clip;
    const scale = clipped ? clip / gradientNorm : 1;
    for (const h of gradient.touched) {
      adamRow(rows, h, adam, logits, gradient.values, scale, rate * factor);
      softmaxRow(rows, logits, h, weights);
    }
    gradient.clear();
    step++;
    return { gradientNorm, clipped, logProbs };
  };

  return {
    ...laws[0],
    id,
    parameters: rows.words.length,
    laws,
    update(batch, coefficients, how = {}) {
      return apply(gradient.addChoices(batch, coefficients, weights, startOf(how.laws)), how.rate);
    },
    updateRows(batch, coefficients, how = {}) {
      return apply(gradient.addRows(batch, coefficients, weights, startOf(how.laws)), how.rate);
    },
    rows: (batch, of) => denseRows(rows, weights, batch, startOf(of)),
    snapshot: (): Snapshot => ({
      step,
      arrays: {
        logits: logits.slice(),
        first: adam.first.slice(),
        second: adam.second.slice(),
        visits: adam.visits.slice(),
      },
    }),
    restore(snapshot) {
      const { arrays } = snapshot;
      for (const [name, array] of Object.entries({ logits, ...adam })) {
        if (arrays[name]?.length !== array.length) throw otherTable();
        array.set(arrays[name]);
      }
      step = snapshot.step;
      for (let h = 0; h < rows.contexts; h++) softmaxRow(rows, logits, h, weights);
    },
    frozen: () => lawsOf(copyOf(weights), `${id}@${++frozenCount}`),
    stored: () =>
      storedTable({
        ...{ rows, weights, starts, vocabulary, maxTokens },
        ...{ origin: positionsOr(options, table), parent: table.parent },
      }),
  };
}

/** Where a prompt is read from; rows by position cannot read one. */
const positionsOr = ({ positions }: PolicyOptions, { origin, start }: BackoffTable): number | undefined =>
  positions ? undefined : (origin ?? start);

function otherTable(): Error {
  return fail('P903', 'the checkpoint is that of another table of logits', { kind: 'outside' });
}
