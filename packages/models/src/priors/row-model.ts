import type {
  BackoffTable,
  Chooser,
  DecodeSession,
  LanguageModel,
  SampledBatch,
  SequenceBatch,
} from '../port/index.ts';
import { packSequences } from '../port/index.ts';
import { tableCapabilities } from './table-session.ts';

/** The tokens that a context keeps, ascending, with their probabilities and where they lead (−1 after the end). */
export interface KeptRow {
  readonly words: Int32Array;
  readonly probs: Float64Array;
  readonly targets: Int32Array;
}

export type Rows = (context: number) => KeptRow;

/** A finite-state model too large to write out. */
export function rowModel({ vocabulary, maxTokens, table }: LanguageModel, id: string, rows: Rows): LanguageModel {
  const start = (table as BackoffTable).start;
  const all = tableCapabilities(vocabulary.size, maxTokens);
  return {
    id,
    vocabulary,
    maxTokens,
    capabilities: new Set([...all].filter((c) => c !== 'finiteState')),
    open: (batch) => openRows(rows, start, vocabulary.size, batch),
    logProb: (sequences) => rowsLogProb(rows, start, vocabulary.size, maxTokens, sequences),
    sample: (count, chooser) => sampleRows(rows, start, vocabulary.size, maxTokens, count, chooser),
  };
}

function sampleRows(
  rows: Rows,
  start: number,
  end: number,
  maxTokens: number,
  count: number,
  chooser: Chooser,
): SampledBatch {
  const sequences: number[][] = [];
  const finished: boolean[] = [];
  const logProbs = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const tokens: number[] = [];
    finished.push(false);
    for (let context = start; tokens.length < maxTokens;) {
      const row = rows(context);
      const at = chooser.choose(row.probs.map(Math.log));
      logProbs[i] += Math.log(row.probs[at]);
      if ((finished[i] = row.words[at] === end)) break;
      tokens.push(row.words[at]);
      context = row.targets[at];
    }
    sequences.push(tokens);
  }
  return { ...packSequences(sequences, finished), logProbs };
}

function rowsLogProb(rows: Rows, start: number, end: number, maxTokens: number, batch: SequenceBatch): Float64Array {
  return Float64Array.from({ length: batch.size }, (_, i) => {
    const length = batch.offsets[i + 1] - batch.offsets[i];
    const finished = batch.finished[i] === 1;
    if (finished ? length >= maxTokens : length !== maxTokens) return -Infinity;
    let sum = 0;
    let context = start;
    for (let t = 0; t < length + (finished ? 1 : 0); t++) {
      const word = t === length ? end : batch.tokens[batch.offsets[i] + t];
      const row = rows(context);
      const at = row.words.indexOf(word);
      if (at === -1) return -Infinity;
      sum += Math.log(row.probs[at]);
      context = row.targets[at];
    }
    return sum;
  });
}

function openRows(rows: Rows, start: number, size: number, batch: number): DecodeSession {
  let contexts = new Int32Array(batch).fill(start);
  let out = new Float64Array(batch * (size + 1));
  const write = (): void => {
    out.fill(-Infinity);
    contexts.forEach((context, i) => {
      if (context === -1) return;
      const row = rows(context);
      row.words.forEach((word, k) => (out[i * (size + 1) + word] = Math.log(row.probs[k])));
    });
  };
  const follow = (context: number, token: number): number => {
    if (context === -1) return -1;
    const row = rows(context);
    const at = row.words.indexOf(token);
    return at === -1 ? -1 : row.targets[at];
  };
  return {
    get logProbs() {
      write();
      return out;
    },
    advance(tokens) {
      contexts = contexts.map((context, i) => follow(context, tokens[i]));
    },
    reorder(ancestors) {
      contexts = Int32Array.from(ancestors, (a) => contexts[a]);
      if (out.length !== contexts.length * (size + 1)) out = new Float64Array(contexts.length * (size + 1));
    },
  };
}
