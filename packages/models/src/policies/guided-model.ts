import type { Capability } from '@postulate/graph';
import {
  choiceOffsets,
  sequencesAt,
  type DecodeSession,
  type LanguageModel,
  type SequenceBatch,
} from '../port/index.ts';
import type { Guide } from './guide.ts';
import { sampleByRow, TOGETHER } from './sample-by-row.ts';

type Rows = Float32Array | Float64Array;

const ABLE: readonly Capability[] = ['sample', 'nextTokenScores', 'completeScore'];

/** A model with a guide added to its next-token laws. It is not finite-state even where the model is. */
export function guidedModel(base: LanguageModel, guide: Guide, id: string): LanguageModel {
  const { vocabulary, maxTokens, capabilities } = base;
  return {
    id,
    vocabulary,
    maxTokens,
    capabilities: new Set(ABLE.filter((c) => capabilities.has(c))),
    open: (batch) => openGuided(base, guide, batch),
    ...(base.rows === undefined ? {} : { rows: (sequences: SequenceBatch) => guidedRows(base, guide, sequences) }),
    logProb: (sequences) => guidedLogProb(base, guide, sequences),
    sample: (count, chooser) => sampleByRow(base, (size) => openGuided(base, guide, size), count, chooser),
  };
}

function openGuided(base: LanguageModel, guide: Guide, batch: number): DecodeSession {
  const width = base.vocabulary.size + 1;
  const session = base.open(batch);
  let states = new Int32Array(batch).fill(guide.machine.start);
  let t = 0;
  let rows: Rows | undefined;
  return {
    get logProbs() {
      if (rows !== undefined) return rows;
      rows = session.logProbs.slice(0, states.length * width);
      if (t < base.maxTokens) for (let i = 0; i < states.length; i++) guide.tilt(rows, i * width, t, states[i]);
      return rows;
    },
    advance(tokens) {
      states = states.map((s, i) => guide.follow(s, tokens[i]));
      t++;
      rows = undefined;
      return session.advance(tokens);
    },
    reorder(ancestors) {
      states = Int32Array.from(ancestors, (a) => states[a]);
      rows = undefined;
      session.reorder(ancestors);
    },
  };
}

async function guidedRows(base: LanguageModel, guide: Guide, batch: SequenceBatch): Promise<Rows> {
  if (base.rows === undefined) return rowsByDecoding(openGuided(base, guide, batch.size), base, batch);
  const rows = await base.rows(batch);
  tiltRows(rows, batch, () => guide);
  return rows;
}

/** Tilts rows of a batch, in the order of `choiceOffsets`, in place. */
export function tiltRows(rows: Rows, batch: SequenceBatch, guideOf: (sequence: number) => Guide): void {
  const at = choiceOffsets(batch);
  for (let i = 0; i < batch.size; i++) {
    const guide = guideOf(i);
    const width = guide.machine.vocabularySize + 1;
    guide.walk(batch, i, (t, state) => guide.tilt(rows, (at[i] + t) * width, t, state));
  }
}

async function rowsByDecoding(session: DecodeSession, { vocabulary }: LanguageModel, batch: SequenceBatch) {
  const width = vocabulary.size + 1;
  const at = choiceOffsets(batch);
  const out = new Float64Array(at[batch.size] * width);
  for (let t = 0, open = batch.size > 0; open; t++) {
    open = false;
    const tokens = new Int32Array(batch.size).fill(vocabulary.size);
    for (let i = 0; i < batch.size; i++) {
      if (at[i] + t < at[i + 1]) out.set(session.logProbs.subarray(i * width, (i + 1) * width), (at[i] + t) * width);
      const k = batch.offsets[i] + t;
      if (k < batch.offsets[i + 1]) tokens[i] = batch.tokens[k];
      open ||= at[i] + t + 1 < at[i + 1];
    }
    if (open) await session.advance(tokens);
  }
  return out;
}

/** log π of each sequence by the rows of its choices. */
export function logProbsOf(rows: Rows, batch: SequenceBatch, width: number): Float64Array {
  const at = choiceOffsets(batch);
  return Float64Array.from({ length: batch.size }, (_, i) => {
    let sum = 0;
    // Rows after what cannot be written mean nothing.
    for (let j = at[i]; j < at[i + 1] && sum > -Infinity; j++) {
      const k = batch.offsets[i] + j - at[i];
      sum += rows[j * width + (k < batch.offsets[i + 1] ? batch.tokens[k] : width - 1)];
    }
    return sum;
  });
}

/** Whether a sequence has a length at which the model stops. */
function stopsRight({ offsets, finished }: SequenceBatch, i: number, maxTokens: number): boolean {
  const length = offsets[i + 1] - offsets[i];
  return finished[i] === 1 ? length < maxTokens : length === maxTokens;
}

async function guidedLogProb(base: LanguageModel, guide: Guide, batch: SequenceBatch): Promise<Float64Array> {
  const out = new Float64Array(batch.size).fill(-Infinity);
  const asked = Array.from(out.keys()).filter((i) => stopsRight(batch, i, base.maxTokens));
  for (let from = 0; from < asked.length; from += TOGETHER) {
    const part = asked.slice(from, from + TOGETHER);
    const sequences = sequencesAt(batch, part);
    const logs = logProbsOf(await guidedRows(base, guide, sequences), sequences, base.vocabulary.size + 1);
    part.forEach((i, k) => (out[i] = logs[k]));
  }
  return out;
}
