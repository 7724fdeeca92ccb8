import type { BackoffTable, Chooser, LanguageModel, SampledBatch, SequenceBatch, Vocabulary } from '../port/index.ts';
import { guided } from '../policies/guided-policy.ts';
import { tablePolicy } from '../policies/table-policy.ts';
import { MAX_POLICY_ENTRIES, policyEntries } from '../policies/table-rows.ts';
import { denseLog, nextContext, probability } from './table-lookup.ts';
import { canSpell, grown, SpelledTable } from './spelled-table.ts';
import { type WordSampler, wordSampler } from './table-sampler.ts';
import { openTable, tableCapabilities } from './table-session.ts';

export interface TableModelParts {
  readonly id: string;
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  readonly table: BackoffTable;
}

/** A language model that is nothing but a back-off table; synchronous throughout. */
export function tableModel({ id, vocabulary, maxTokens, table }: TableModelParts): LanguageModel {
  let sampler: WordSampler | undefined;
  let spelled: SpelledTable | undefined;
  const model: LanguageModel = {
    id,
    vocabulary,
    maxTokens,
    table,
    capabilities: tableCapabilities(vocabulary.size, maxTokens),
    open: (batch) => openTable(table, batch),
    logProb: (sequences) => tableLogProb(table, maxTokens, sequences),
    sample(count, chooser) {
      const { uniform } = chooser;
      if (uniform !== undefined && canSpell(table))
        return (spelled ??= new SpelledTable(table)).sample(maxTokens, count, uniform);
      return sampleTable(table, maxTokens, count, nextWord(table, (sampler ??= wordSampler(table)), chooser));
    },
    ...(policyEntries(table) > MAX_POLICY_ENTRIES
      ? {}
      : { trainable: (options, family) => guided(tablePolicy(model, options, family), options) }),
  };
  return model;
}

type NextWord = (context: number) => number;

/** Follows the chooser's uniform numbers, or asks it row by row where it enumerates paths. */
function nextWord(table: BackoffTable, sampler: WordSampler, chooser: Chooser): NextWord {
  const { uniform } = chooser;
  if (uniform !== undefined) return (context) => sampler(context, uniform);
  const row = new Float64Array(table.vocabularySize + 1);
  return (context) => {
    denseLog(table, context, row);
    return chooser.choose(row);
  };
}

function sampleTable(table: BackoffTable, maxTokens: number, count: number, next: NextWord): SampledBatch {
  const end = table.vocabularySize;
  const offsets = new Int32Array(count + 1);
  const finished = new Uint8Array(count);
  const logProbs = new Float64Array(count);
  let tokens = new Int32Array(Math.max(16, count * Math.min(maxTokens, 16)));
  let used = 0;
  for (let i = 0; i < count; i++) {
    let context = table.start;
    let logProb = 0;
    if (used + maxTokens > tokens.length) tokens = grown(tokens, used + maxTokens);
    for (let t = 0; t < maxTokens; t++) {
      const word = next(context);
      logProb += Math.log(probability(table, context, word));
      if (word === end) {
        finished[i] = 1;
        break;
      }
      tokens[used++] = word;
      context = nextContext(table, context, word);
    }
    offsets[i + 1] = used;
    logProbs[i] = logProb;
  }
  return { size: count, tokens: tokens.slice(0, used), offsets, finished, logProbs };
}

/** log prior of each sequence, nats; lengths that the forced stop rules out have probability zero. */
export function tableLogProb(table: BackoffTable, maxTokens: number, batch: SequenceBatch): Float64Array {
  const result = new Float64Array(batch.size);
  for (let i = 0; i < batch.size; i++) {
    const length = batch.offsets[i + 1] - batch.offsets[i];
    const possible = batch.finished[i] === 1 ? length < maxTokens : length === maxTokens;
    result[i] = possible ? logProbOf(table, batch, i) : -Infinity;
  }
  return result;
}

function logProbOf(table: BackoffTable, batch: SequenceBatch, index: number): number {
  let context = table.start;
  let sum = 0;
  for (let i = batch.offsets[index]; i < batch.offsets[index + 1]; i++) {
    const word = batch.tokens[i];
    if (word < 0 || word >= table.vocabularySize) return -Infinity;
    sum += Math.log(probability(table, context, word));
    context = nextContext(table, context, word);
    if (sum === -Infinity || context === -1) return -Infinity;
  }
  return batch.finished[index] === 1 ? sum + Math.log(probability(table, context, table.vocabularySize)) : sum;
}
