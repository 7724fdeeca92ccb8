import { finiteWeights, nonEmptyString, positiveInteger } from './validate.ts';
import type { Builtin, Parameter } from './types.ts';

const ADDITIVE = 'Additive: a sum along the text, so its exponential works with exact dynamic programming.';
const OPAQUE = 'Known only for complete texts.';

export const matching: readonly Parameter[] = [
  {
    name: 'whole_word',
    type: 'boolean',
    doc: 'A match may not touch a letter, digit, underscore or apostrophe.',
    default: false,
    namedOnly: true,
  },
  { name: 'ignore_case', type: 'boolean', doc: 'Compare after simple case folding.', default: false, namedOnly: true },
];

const PRIOR = 'prior = tabular({ "a lovely day": 3, "damn rain, damn cold": 1 })\n';

const bare = (name: string, range: string, doc: string, example: string): Builtin => ({
  name,
  family: 'scores',
  form: 'value',
  parameters: [],
  result: 'Score',
  range,
  doc,
  capabilities: ADDITIVE,
  examples: [PRIOR + example],
  availability: 'now',
});

export const scores: readonly Builtin[] = [
  bare('length', '[0, max_tokens]', 'Number of tokens of the text.', 'posterior = prior * exp(-0.5 * length)'),
  bare('chars', '[0, inf)', 'Number of Unicode code points of the text.', 'posterior = prior | chars <= 15'),
  bare(
    'words',
    '[0, inf)',
    'Number of maximal runs of characters that are not white space.',
    'posterior = prior | words == 3',
  ),
  {
    name: 'count',
    family: 'scores',
    form: 'function',
    parameters: [
      { name: 'text', type: 'string', doc: 'What to look for; not empty.', accepts: nonEmptyString },
      ...matching,
    ],
    result: 'Score',
    range: '[0, inf)',
    doc: 'How often a string occurs, counted from left to right without overlaps.',
    capabilities: ADDITIVE,
    examples: [`${PRIOR}posterior = prior * exp(-count("damn", whole_word = true))`],
    availability: 'now',
  },
  {
    name: 'lexicon',
    family: 'scores',
    form: 'function',
    parameters: [{ name: 'weights', type: 'lexicon', doc: 'A file of words and weights, or a record of them.' }],
    result: 'Score',
    range: '(-inf, inf), from 0 or up to 0 where the weights of a record have one sign',
    doc: 'The sum of the weights of the words of the text. A word is a run of letters and apostrophes, case-folded; words without a weight count 0.',
    capabilities: ADDITIVE,
    examples: [`${PRIOR}reward = lexicon({ "lovely": 2, "damn": -1 })\nposterior = prior * exp(reward)`],
    availability: 'now',
    validate: finiteWeights('weights'),
  },
  {
    name: 'sentiment',
    family: 'scores',
    form: 'value',
    parameters: [],
    result: 'Score',
    range: '(-inf, inf)',
    doc: 'The `lexicon` of AFINN-165: English words rated from −5 to 5.',
    capabilities: ADDITIVE,
    examples: [`${PRIOR}posterior = prior * exp(sentiment / 2)`],
    availability: 'now',
  },
  {
    name: 'distinct',
    family: 'scores',
    form: 'function',
    parameters: [{ name: 'n', type: 'number', doc: 'Words per n-gram.', accepts: positiveInteger }],
    result: 'Score',
    range: '(0, 1]',
    doc: 'Distinct word n-grams divided by all word n-grams of the text; 1 where there are none. Words as in `words`.',
    capabilities: OPAQUE,
    examples: [`${PRIOR}posterior = prior * distinct(1) ^ 2`],
    availability: 'now',
  },
  {
    name: 'log_prob',
    family: 'scores',
    form: 'function',
    parameters: [{ name: 'distribution', type: 'distribution', doc: 'A prior, or a posterior up to its constant.' }],
    result: 'Score',
    range: '[-inf, 0] for a prior, [-inf, inf) for a posterior',
    doc: 'Natural log of the density of the token sequence; for a posterior the unnormalised one.',
    capabilities: OPAQUE,
    examples: [
      `${PRIOR}other = tabular({ "a lovely day": 1, "damn rain, damn cold": 4 })\nposterior = prior * exp(0.5 * log_prob(other))`,
    ],
    availability: 'now',
  },
  {
    name: 'classifier',
    family: 'scores',
    form: 'function',
    parameters: [
      {
        name: 'source',
        type: 'model',
        doc: 'A folder of `post train-reward`, or a sequence classifier in the Hugging Face layout.',
        accepts: nonEmptyString,
      },
      {
        name: 'label',
        type: 'string',
        doc: 'The label whose log-probability is wanted; the first one if left out.',
        optional: true,
      },
      { name: 'prompt', type: 'string', doc: 'Read before the text.', optional: true, namedOnly: true },
    ],
    result: 'Score',
    range: '[-inf, 0]',
    doc: 'Log-probability that a trained classifier gives a label; of several members the log of their mean probability.',
    capabilities: OPAQUE,
    examples: [`${PRIOR}posterior = prior * exp(classifier("judge", label = "polite"))`],
    availability: 'now',
  },
  {
    name: 'reward_model',
    family: 'scores',
    form: 'function',
    parameters: [
      {
        name: 'source',
        type: 'model',
        doc: 'A folder of `post train-reward`, or a model with one score in the Hugging Face layout.',
        accepts: nonEmptyString,
      },
      { name: 'prompt', type: 'string', doc: 'Read before the text.', optional: true, namedOnly: true },
    ],
    result: 'Score',
    range: '(-inf, inf)',
    doc: 'The scalar that a trained reward model gives a text: the mean where it gives a distribution or has several members. One trained on pairs has mean 0 on texts of its base, and σ of a difference is the chance of the preference.',
    capabilities: OPAQUE,
    examples: [`${PRIOR}param beta = 0.5 in (0, inf)\nposterior = prior * exp(reward_model("judge") / beta)`],
    availability: 'now',
  },
];
