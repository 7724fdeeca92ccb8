import { type Capability, fail } from '@postulate/graph';
import type { LanguageModel, SampledBatch, SequenceBatch, Vocabulary, Chooser } from '../port/index.ts';
import { contentId } from '../priors/content-id.ts';
import { checkShaping, type Shaping } from '../priors/shaping.ts';
import type { CausalModel, GrowingRows, Law, Rows } from './causal-model.ts';
import { openNeural } from './neural-session.ts';
import { sampleNeural } from './neural-sampling.ts';
import { scoreNeural } from './neural-scoring.ts';
import { RowShaper } from './row-shaping.ts';

/** Models are forgotten without a word: the rows that have read their prefix go with them. */
const forgotten = new FinalizationRegistry<Map<Law, ReturnType<CausalModel['open']>>>((roots) => {
  for (const root of roots.values()) void root.then(({ rows }) => rows.dispose()).catch(() => undefined);
});

/** Sequences that grow side by side: what a processor or a server keeps busy with, and memory still bears. */
export const NEURAL_ROWS = 64;

export interface NeuralModelParts {
  readonly vocabulary: Vocabulary;
  readonly maxTokens: number;
  /** What every sequence begins with, in the network's ids: what begins a text, then the prompt. Never empty. */
  readonly prefix: Int32Array;
  readonly shaping?: Shaping;
  /** Sequences that grow side by side, default 64. */
  readonly rows?: number;
}

/** What decoding, sampling and scoring share. */
export interface Core {
  readonly network: CausalModel;
  readonly size: number;
  readonly maxTokens: number;
  readonly prefix: Int32Array;
  readonly shaping: Shaping;
  readonly rows: number;
  /** The row that has read the prefix, and what follows it: made once for each kind of law. */
  root(law: Law): Promise<{ readonly rows: GrowingRows; readonly first: Rows }>;
}

function checkParts(network: CausalModel, { vocabulary, maxTokens, prefix, shaping }: NeuralModelParts): void {
  checkShaping(shaping ?? {});
  if (prefix.length === 0) throw new RangeError('a neural model needs at least one token to begin with');
  if (vocabulary.size !== network.size) {
    throw fail(
      'P512',
      `the tokenizer has ${vocabulary.size} tokens, but the model's next-token laws are over ${network.size}: they do not belong together.`,
      { kind: 'outside' },
    );
  }
  checkPositions(network.positions, prefix, maxTokens);
}

/** Refuses a model that computes no numbers: engines would take its texts for impossible. */
function checkLaw(first: Rows): void {
  if (!first.some(Number.isNaN)) return;
  const message =
    'the next-token law of the model is NaN: its weights are damaged, or its numbers overflow where it runs.';
  throw fail('P520', message, { kind: 'outside', help: 'try another --runtime, or fetch the model again.' });
}

/** Refuses texts that are longer than the model can read; the last token of a text is never read. */
export function checkPositions(positions: number, prefix: Int32Array, maxTokens: number): void {
  const read = prefix.length + maxTokens - 1;
  if (read > positions) {
    throw fail(
      'P307',
      `the model reads at most ${positions} tokens, but the prompt's ${prefix.length} and \`max_tokens\` ${maxTokens} need ${read}.`,
      { help: `use max_tokens = ${Math.max(1, positions - prefix.length + 1)} or less, or a shorter prompt` },
    );
  }
}

/**
 * A decoder as a prior: texts that begin after `prefix` and stop at `maxTokens`, with temperature, `top_k` and `top_p` as part of the
 * distribution. The law of the first token is worked out here, so that sessions open at once. Decoding, sampling and truncated scoring
 * read the same rows; scores in one pass are used where nothing bends the laws.
 *
 * Errors: P307 for a prompt and `max_tokens` that the model cannot hold, or a bad shaping; P512 for a vocabulary of another size; P520 for
 * laws that are no numbers.
 */
export async function neuralModel(network: CausalModel, parts: NeuralModelParts): Promise<LanguageModel> {
  checkParts(network, parts);
  const { vocabulary, maxTokens, prefix, shaping = {}, rows = NEURAL_ROWS } = parts;
  const roots = new Map<Law, ReturnType<CausalModel['open']>>();
  const root = (law: Law): ReturnType<CausalModel['open']> => {
    const known = roots.get(law);
    if (known !== undefined) return known;
    // Rows are only lent: the first law is needed for as long as the model lives.
    const made = network.open(prefix, law).then(({ rows, first }) => ({ rows, first: first.slice() }));
    roots.set(law, made);
    made.catch(() => roots.delete(law));
    return made;
  };
  const core: Core = { network, size: network.size, maxTokens, prefix, shaping, rows, root };
  forgotten.register(core, roots);
  const { first } = await root('logProbs');
  checkLaw(first);
  const inOnePass = network.rows !== undefined && new RowShaper(core.size, shaping).plain;
  const { temperature = null, topK = null, topP = null } = shaping;
  const capabilities: readonly Capability[] = ['sample', 'nextTokenScores', 'completeScore'];
  return {
    id: contentId('neural', network.id, [...prefix], maxTokens, temperature, topK, topP),
    vocabulary,
    maxTokens,
    capabilities: new Set(capabilities),
    open: (batch) => openNeural(core, first, batch),
    logProb: (sequences: SequenceBatch) => scoreNeural(core, sequences),
    ...(inOnePass ? { rows: (sequences: SequenceBatch) => network.rows!(prefix, sequences) } : {}),
    sample: (count: number, chooser: Chooser): Promise<SampledBatch> => sampleNeural(core, count, chooser),
  };
}
