import { fail } from '@postulate/graph';
import { type ArrayStore, storeKey } from '../../cache/array-store.ts';
import { fromArrays, toArrays, type TrainedModel } from '../../cache/stored-table.ts';
import type { LanguageModel } from '../../port/index.ts';
import { contentId } from '../content-id.ts';
import { tableModel } from '../table-model.ts';
import { trainTable } from './ngram-table.ts';
import { encodeCorpus, type Level } from './tokenise.ts';

/** Part of every key: changes when tokenising, smoothing or the table change. */
const FORMAT = 'ngram 1';

export interface NgramOptions {
  readonly order: number;
  readonly level: Level;
  readonly maxTokens: number;
}

/** Training texts: `parts` decide the content, `examples` yields the texts. */
export interface TrainingTexts {
  readonly name: string;
  readonly parts: readonly (string | Uint8Array)[];
  examples(): readonly string[];
}

/**
 * An n-gram model trained on `texts`, or loaded from `store` where it was trained on the same bytes before.
 * Words are joined by a space, characters by nothing. Error P508 where there is nothing to train on.
 */
export async function ngram(
  texts: TrainingTexts,
  { order, level, maxTokens }: NgramOptions,
  store: ArrayStore,
  onProgress: (message: string) => void = () => undefined,
): Promise<LanguageModel> {
  const key = storeKey('ngram', [FORMAT, level, String(order), ...texts.parts]);
  const stored = await store.load(key);
  let model = stored === undefined ? undefined : fromArrays(stored);
  if (model === undefined) {
    onProgress(`training an n-gram model of order ${order} on "${texts.name}"`);
    model = train(texts, order, level);
    await store.save(key, toArrays(model));
  }
  const separator = level === 'word' ? ' ' : '';
  return tableModel({
    id: contentId('ngram', key, maxTokens),
    vocabulary: { size: model.tokens.length, tokens: model.tokens, separator },
    maxTokens,
    table: model.table,
  });
}

function train(texts: TrainingTexts, order: number, level: Level): TrainedModel {
  const corpus = encodeCorpus(texts.examples(), level);
  if (corpus.end === 0) {
    throw fail(
      'P508',
      `there is no text in "${texts.name}" to train an n-gram model on; it needs a line with a token.`,
    );
  }
  return { tokens: corpus.tokens, table: trainTable(corpus, order) };
}
