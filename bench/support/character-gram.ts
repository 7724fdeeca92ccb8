import { type Argument, type NodeOf } from '@postulate/graph';
import { createModels, type LanguageModel, packSequences } from '@postulate/models';

/** Stands for the characters that the model has no token for; a noncharacter of Unicode, which no text holds. */
const RARE = '\uffff';
/** Code points that a text can hold: all but the surrogates. */
const CODE_POINTS = 0x110000 - 0x800;

/** A character model that gives every text a probability. */
export interface CharacterGram {
  /** −Σ log₂ p of texts, their ends included; infinite for an unseen character where the training texts have no rare one. */
  bits(texts: readonly string[]): Promise<number>;
}

/**
 * An n-gram model over code points (interpolated modified Kneser–Ney, whose lowest order is uniform), as `ngram(…, level = "char")`
 * makes it. Characters that occur once in the training texts are one token together, and so are all that do not occur: it is spelled by a
 * uniform choice among the code points that have no token of their own.
 */
export async function characterGram(training: readonly string[], order: number): Promise<CharacterGram> {
  const common = commonCharacters(training);
  const masked = (text: string): string => Array.from(text, (c) => (common.has(c) ? c : RARE)).join('');
  const model = await trained(training.map(masked), order);
  const ids = new Map(model.vocabulary.tokens.map((token, id) => [token, id]));
  const spelling = Math.log2(CODE_POINTS - common.size);
  return {
    bits: async (texts) => {
      const encoded = texts.map((text) => Array.from(masked(text), (c) => ids.get(c) ?? -1));
      const whole = await model.logProb(packSequences(encoded, encoded.map(() => true))); // prettier-ignore
      const rare = encoded.flat().filter((id) => id === ids.get(RARE)).length;
      return rare * spelling - whole.reduce((sum, x) => sum + x, 0) / Math.LN2;
    },
  };
}

function commonCharacters(texts: readonly string[]): ReadonlySet<string> {
  const once = new Set<string>();
  const more = new Set<string>();
  for (const text of texts) for (const c of text) (once.has(c) ? more : once).add(c);
  return more;
}

/** `max_tokens` is beyond the length of any text: ends are always predicted. */
function trained(texts: readonly string[], order: number): Promise<LanguageModel> {
  const number = (value: number): Argument => ({ kind: 'number', value });
  const string = (value: string): Argument => ({ kind: 'string', value });
  const node: NodeOf<'prior'> = {
    ...{ kind: 'prior', type: 'distribution', name: 'ngram' },
    args: {
      corpus: { kind: 'list', items: texts.map(string) },
      order: number(order),
      level: string('char'),
      max_tokens: number(1_000_000),
    },
  };
  return Promise.resolve(createModels({ directory: '.', cacheDirectory: null }).prior(node, {}));
}
