import { fail } from '@postulate/graph';
import type { BackoffTable, LanguageModel } from '../port/index.ts';
import { contentId } from './content-id.ts';
import { tableModel } from './table-model.ts';
import { normalised } from './table-norm.ts';
import { truncated } from './truncation.ts';

/** How a prior's next-token laws are bent. `undefined` leaves them as they are. */
export interface Shaping {
  readonly temperature?: number | undefined;
  readonly topK?: number | undefined;
  readonly topP?: number | undefined;
}

/**
 * The prior with each next-token law raised to 1 / temperature, then cut to its `topK` most likely tokens, then to the
 * smallest set of most likely tokens with probability ≥ `topP`, renormalised. The end of sequence counts as a token.
 * Equal probabilities go to the smaller id (the end of sequence last).
 */
export function shaped(model: LanguageModel, shaping: Shaping): LanguageModel {
  checkShaping(shaping);
  const { temperature = 1, topK = Infinity, topP = 1 } = shaping;
  const warm = temperature === 1 ? model : tempered(model, temperature);
  return topK > model.vocabulary.size && topP === 1 ? warm : truncated(warm, topK, topP);
}

export function checkShaping({ temperature, topK, topP }: Shaping): void {
  if (temperature !== undefined && !(temperature > 0 && temperature < Infinity)) {
    throw fail('P307', `\`temperature\` must be a positive number, but it is ${temperature}.`);
  }
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) {
    throw fail('P307', `\`top_k\` must be a whole number of at least 1, but it is ${topK}.`);
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) {
    throw fail('P307', `\`top_p\` must lie in (0, 1], but it is ${topP}.`);
  }
}

/** Smallest raw weight that is told from zero with room to spare. */
const LEAST_WEIGHT = 1e-290;

/**
 * Next-token laws ∝ p^(1/τ). Raw weights and back-off weights are raised alike, which keeps the back-off structure, and
 * `norm` is worked out anew.
 */
function tempered(model: LanguageModel, temperature: number): LanguageModel {
  const { table } = model;
  if (table === undefined) throw fail('P307', '`temperature` of this prior is not available.');
  const power = 1 / temperature;
  const raise = (x: number): number => (power === 1 ? x : x ** power);
  const raised = { ...table, probs: table.probs.map(raise), backoff: table.backoff.map(raise), norm: undefined };
  checkUnderflow(raised, temperature);
  return tableModel({
    id: contentId('tempered', model.id, temperature),
    vocabulary: model.vocabulary,
    maxTokens: model.maxTokens,
    table: normalised(raised),
  });
}

/** Refuses temperatures at which positive probabilities would be lost to rounding. */
function checkUnderflow(table: BackoffTable, temperature: number): void {
  const least = (values: Float64Array): number => values.reduce((m, x) => (x > 0 && x < m ? x : m), 1);
  const depths = new Int32Array(table.contexts).fill(-1);
  const depthOf = (h: number): number => {
    if (depths[h] === -1) depths[h] = table.parent[h] === -1 ? 0 : 1 + depthOf(table.parent[h]);
    return depths[h];
  };
  let deepest = 0;
  for (let h = 0; h < table.contexts; h++) deepest = Math.max(deepest, depthOf(h));
  const lost = table.probs.every((x) => x === 0) || least(table.probs) * least(table.backoff) ** deepest < LEAST_WEIGHT;
  if (lost) {
    throw fail(
      'P307',
      `\`temperature\` ${temperature} is too low: probabilities of this prior would be lost to rounding.`,
      {
        help: 'for the most likely token alone use top_k = 1.',
      },
    );
  }
}
