import type { BackoffTable, DecodeSession, LanguageModel, SequenceBatch, Vocabulary } from '../port/index.ts';
import { tableModel } from './table-model.ts';

/** The same distribution with its tokens numbered as in `vocabulary`, which holds the same tokens in another order. */
export function withVocabulary(model: LanguageModel, vocabulary: Vocabulary): LanguageModel {
  const place = new Map(vocabulary.tokens.map((token, id) => [token, id]));
  const newId = Int32Array.from([
    ...model.vocabulary.tokens.map((token) => place.get(token) as number),
    vocabulary.size,
  ]);
  if (newId.every((id, i) => id === i)) return model;
  const { id, maxTokens, table } = model;
  if (table !== undefined) return tableModel({ id, vocabulary, maxTokens, table: renumbered(table, newId) });
  return renumberedModel(model, vocabulary, newId);
}

function renumbered(table: BackoffTable, newId: Int32Array): BackoffTable {
  const size = table.words.length;
  const fresh = { words: new Int32Array(size), probs: new Float64Array(size), targets: new Int32Array(size) };
  for (let h = 0; h < table.contexts; h++) {
    const from = table.rowStart[h];
    const order = Int32Array.from({ length: table.rowStart[h + 1] - from }, (_, i) => from + i);
    order.sort((a, b) => newId[table.words[a]] - newId[table.words[b]]);
    order.forEach((old, i) => {
      fresh.words[from + i] = newId[table.words[old]];
      fresh.probs[from + i] = table.probs[old];
      fresh.targets[from + i] = table.targets[old];
    });
  }
  return { ...table, ...fresh };
}

function mapTokens<T extends SequenceBatch>(batch: T, ids: Int32Array): T {
  return { ...batch, tokens: batch.tokens.map((token) => ids[token]) };
}

function renumberedModel(model: LanguageModel, vocabulary: Vocabulary, newId: Int32Array): LanguageModel {
  const oldId = new Int32Array(newId.length);
  newId.forEach((id, old) => (oldId[id] = old));
  return {
    id: model.id,
    vocabulary,
    maxTokens: model.maxTokens,
    capabilities: model.capabilities,
    open: (batch) => renumberedSession(model.open(batch), newId, oldId),
    logProb: (sequences) => model.logProb(mapTokens(sequences, oldId)),
    sample(count, chooser) {
      const drawn = model.sample(count, chooser);
      return drawn instanceof Promise ? drawn.then((b) => mapTokens(b, newId)) : mapTokens(drawn, newId);
    },
  };
}

function renumberedSession(session: DecodeSession, newId: Int32Array, oldId: Int32Array): DecodeSession {
  const width = newId.length;
  return {
    get logProbs() {
      const old = session.logProbs;
      return Float64Array.from({ length: old.length }, (_, i) => old[i - (i % width) + oldId[i % width]]);
    },
    advance: (tokens) => session.advance(tokens.map((token) => oldId[token])),
    reorder: (ancestors) => session.reorder(ancestors),
  };
}
