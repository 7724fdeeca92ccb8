import { fail } from '@postulate/graph';
import type { Capability } from '@postulate/graph';
import type { Chooser, LanguageModel, SampledBatch, SequenceBatch } from '../port/index.ts';
import { packSequences, strangerTo } from '../port/index.ts';
import { contentId } from './content-id.ts';
import { logMix } from './log-mix.ts';
import { openMixture } from './mixture-session.ts';
import { withVocabulary } from './reorder-vocabulary.ts';

export interface Component {
  readonly model: LanguageModel;
  readonly weight: number;
}

/**
 * The convex combination of language models over the same texts, weights ≥ 0 and divided by their sum. Components may number the
 * same tokens differently: the first one's numbers hold. Mixtures of mixtures are flattened, components of weight 0 left out.
 * Errors: P303 for weights, P208 for other tokens, separators or `maxTokens`.
 */
export function mixture(models: readonly LanguageModel[], weights: readonly number[]): LanguageModel {
  const components = flatten(models, checkedWeights(models, weights));
  const [{ model: first }] = components;
  const aligned = components.map((c) => ({ ...c, model: align(first, c.model) }));
  if (aligned.length === 1) return aligned[0].model;
  const shared = [...first.capabilities].filter(
    (c): c is Capability => c !== 'finiteState' && aligned.every(({ model }) => model.capabilities.has(c)),
  );
  return {
    id: contentId('mixture', ...aligned.map(({ model, weight }) => [model.id, weight])),
    vocabulary: first.vocabulary,
    maxTokens: first.maxTokens,
    capabilities: new Set(shared),
    components: aligned,
    open: (batch) => openMixture(aligned, batch),
    logProb: (sequences) => mixtureLogProb(aligned, sequences),
    sample: (count, chooser) => sampleMixture(aligned, count, chooser),
  };
}

function checkedWeights(models: readonly LanguageModel[], weights: readonly number[]): readonly number[] {
  if (models.length === 0 || models.length !== weights.length) {
    throw fail(
      'P303',
      `mixture has ${models.length} priors and ${weights.length} weights; it needs one weight per prior.`,
    );
  }
  const bad = weights.find((w) => !(w >= 0) || w === Infinity);
  if (bad !== undefined) throw fail('P303', `the weights of mixture must be at least 0, but one is ${bad}.`);
  const sum = weights.reduce((a, b) => a + b, 0);
  if (!(sum > 0)) throw fail('P303', 'the weights of mixture are all 0; at least one must be positive.');
  return weights.map((w) => w / sum);
}

function flatten(models: readonly LanguageModel[], weights: readonly number[]): readonly Component[] {
  return models
    .flatMap((model, i) =>
      (model.components ?? [{ model, weight: 1 }]).map((c) => ({ model: c.model, weight: c.weight * weights[i] })),
    )
    .filter((c) => c.weight > 0);
}

/** `model` over the vocabulary of `first`; P208 where their texts are not the same. */
function align(first: LanguageModel, model: LanguageModel): LanguageModel {
  if (model.maxTokens !== first.maxTokens) {
    throw fail(
      'P208',
      `the priors of a mixture must agree in max_tokens, but have ${first.maxTokens} and ${model.maxTokens}.`,
    );
  }
  if (model.vocabulary.separator !== first.vocabulary.separator) {
    throw fail('P208', 'the priors of a mixture must join their tokens by the same separator.');
  }
  const shown = strangerTo(first.vocabulary, model.vocabulary) ?? strangerTo(model.vocabulary, first.vocabulary);
  if (shown !== undefined) {
    throw fail('P208', `the priors of a mixture must have the same tokens, but only one of them has "${shown}".`);
  }
  return withVocabulary(model, first.vocabulary);
}

type MaybePromise<T> = T | Promise<T>;

/** Applies `f` at once where no value is a promise, so that finite-state components stay synchronous. */
function whenAll<T, R>(
  values: readonly MaybePromise<T>[],
  f: (values: readonly T[]) => MaybePromise<R>,
): MaybePromise<R> {
  if (values.some((v) => v instanceof Promise)) return Promise.all(values).then(f);
  return f(values as readonly T[]);
}

function mixtureLogProb(components: readonly Component[], batch: SequenceBatch): MaybePromise<Float64Array> {
  const weights = components.map((c) => c.weight);
  return whenAll(
    components.map(({ model }) => model.logProb(batch)),
    (rows) => logMix(weights, rows, batch.size),
  );
}

/** Each draw picks its component; draws of one component are made together and put back in order. */
function sampleMixture(components: readonly Component[], count: number, chooser: Chooser): MaybePromise<SampledBatch> {
  const logWeights = components.map((c) => Math.log(c.weight));
  const picked = Array.from({ length: count }, () => chooser.choose(logWeights));
  const counts = components.map((_, c) => picked.filter((p) => p === c).length);
  const drawn = components.map(({ model }, c) => model.sample(counts[c], chooser));
  return whenAll(drawn, (batches) => withLogProbs(components, interleave(batches, picked)));
}

function withLogProbs(components: readonly Component[], batch: SequenceBatch): MaybePromise<SampledBatch> {
  return whenAll([mixtureLogProb(components, batch)], ([logProbs]) => ({ ...batch, logProbs }));
}

function interleave(batches: readonly SequenceBatch[], picked: readonly number[]): SequenceBatch {
  const used = batches.map(() => 0);
  const sequences: Int32Array[] = [];
  const finished: number[] = [];
  for (const c of picked) {
    const i = used[c]++;
    const { tokens, offsets } = batches[c];
    sequences.push(tokens.subarray(offsets[i], offsets[i + 1]));
    finished.push(batches[c].finished[i]);
  }
  return packSequences(sequences, finished);
}
