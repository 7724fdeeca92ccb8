import {
  bigramRows,
  nonEmptyString,
  oneOf,
  positiveInteger,
  positiveNumber,
  tabularWeights,
  topProbability,
} from './validate.ts';
import type { Builtin, Parameter } from './types.ts';

const maxTokens: Parameter = {
  name: 'max_tokens',
  type: 'number',
  doc: 'Most tokens of a text. A text that gets there stops without an end-of-sequence factor and is not `finished`.',
  accepts: positiveInteger,
  missing: 'P507',
  namedOnly: true,
};
const shaping: readonly Parameter[] = [
  {
    name: 'temperature',
    type: 'number',
    doc: 'Divides the logits of every next token; 1 leaves the model as it is.',
    optional: true,
    namedOnly: true,
    accepts: positiveNumber,
  },
  {
    name: 'top_k',
    type: 'number',
    doc: 'Keeps the k most likely next tokens and renormalises.',
    optional: true,
    namedOnly: true,
    accepts: positiveInteger,
  },
  {
    name: 'top_p',
    type: 'number',
    doc: 'Keeps the smallest set of most likely next tokens with at least this probability and renormalises.',
    optional: true,
    namedOnly: true,
    accepts: topProbability,
  },
];
const prompt: Parameter = {
  name: 'prompt',
  type: 'string',
  doc: 'What stands before the completion: a string, or a `context` variable.',
  optional: true,
  namedOnly: true,
};
const separator = (value: string): Parameter => ({
  name: 'separator',
  type: 'string',
  doc: 'What joins two tokens of a text.',
  default: value,
  namedOnly: true,
});
const FINITE_STATE =
  'Finite-state: draws, exact log-probabilities and next-token laws. `top_k` and `top_p` keep it sampleable but out of the reach of the back-off recursion.';

export const priors: readonly Builtin[] = [
  {
    name: 'tabular',
    family: 'priors',
    form: 'function',
    parameters: [
      { name: 'weights', type: 'record', doc: 'A positive weight for each text.' },
      { ...maxTokens, optional: true, doc: 'Accepted for uniformity; every text here is one token.' },
      ...shaping,
    ],
    result: 'Distribution',
    doc: 'A finite distribution, written out: each text has the given weight, divided by the sum of all weights. Each text is a single token, and every draw is finished and has length 1.',
    capabilities: 'Finite support: every engine that enumerates can use it.',
    examples: ['prior = tabular({ "yes": 3, "no": 1 })\nposterior = prior | contains("e")'],
    availability: 'now',
    validate: tabularWeights,
  },
  {
    name: 'bigram',
    family: 'priors',
    form: 'function',
    parameters: [
      {
        name: 'rows',
        type: 'rows',
        doc: 'For each token the probabilities of what follows it. `"^"` is the start, `"$"` the end.',
      },
      maxTokens,
      separator(''),
      prompt,
      ...shaping,
    ],
    result: 'Distribution',
    doc: 'A Markov chain given in full. Entries are at least 0 and every row sums to 1 within 1e-9.',
    capabilities: FINITE_STATE,
    examples: [
      'prior = bigram({ "^": { "a": 0.5, "$": 0.5 }, "a": { "a": 0.25, "$": 0.75 } }, max_tokens = 5)\nposterior = prior * exp(count("a"))',
    ],
    availability: 'now',
    validate: bigramRows,
  },
  {
    name: 'ngram',
    family: 'priors',
    form: 'function',
    parameters: [
      {
        name: 'corpus',
        type: 'corpus',
        doc: 'A text file with one example per line, or the name of a bundled corpus.',
        accepts: nonEmptyString,
      },
      {
        name: 'order',
        type: 'number',
        doc: 'Tokens per n-gram; 3 is a trigram model.',
        default: 3,
        accepts: positiveInteger,
      },
      { name: 'level', type: 'string', doc: '`"word"` or `"char"`.', default: 'word', accepts: oneOf('word', 'char') },
      maxTokens,
      prompt,
      ...shaping,
    ],
    result: 'Distribution',
    doc: 'An n-gram model trained on the spot with interpolated modified Kneser–Ney smoothing (Chen & Goodman 1999). At word level a token is a run of letters, digits and apostrophes, or one other visible code point, joined by spaces; at character level a token is a code point.',
    capabilities: FINITE_STATE,
    examples: [
      'prior = ngram("nlp-corpus", order = 3, max_tokens = 20)\nposterior = prior | contains("Paris", whole_word = true)',
    ],
    availability: 'now',
  },
  {
    name: 'arpa',
    family: 'priors',
    form: 'function',
    parameters: [
      { name: 'file', type: 'path', doc: 'An ARPA back-off model, plain or `.gz`.', accepts: nonEmptyString },
      maxTokens,
      separator(' '),
      prompt,
      ...shaping,
    ],
    result: 'Distribution',
    doc: 'A back-off model as SRILM, KenLM or IRSTLM write it. A log10 of −99 or less means probability zero; `<s>` and `<unk>` are never generated, and what is left of each context is renormalised.',
    capabilities: FINITE_STATE,
    examples: ['prior = arpa("model.arpa", max_tokens = 12)\nposterior = prior | finished'],
    availability: 'now',
  },
  {
    name: 'lm',
    family: 'priors',
    form: 'function',
    parameters: [
      {
        name: 'source',
        type: 'model',
        doc: 'The bundled `"tiny-english"`, a model folder, a hub id, a `.gguf` file or the URL of a completions server.',
        accepts: nonEmptyString,
      },
      maxTokens,
      prompt,
      ...shaping,
    ],
    result: 'Distribution',
    doc: 'A neural language model. Which runtime evaluates it is an option of the command (`--runtime`), not of the file.',
    capabilities: 'Draws, log-probabilities and next-token laws.',
    examples: [
      'prior = lm("tiny-english", max_tokens = 40, prompt = "Once upon a time", temperature = 0.9)\nposterior = prior | contains("dragon")',
    ],
    availability: 'now',
  },
  {
    name: 'fitted',
    family: 'priors',
    form: 'function',
    parameters: [
      { name: 'folder', type: 'path', doc: 'A run folder that `post fit` wrote.', accepts: nonEmptyString },
      { ...maxTokens, optional: true },
      prompt,
      ...shaping,
    ],
    result: 'Distribution',
    doc: 'The policy that a variational engine has trained, as a distribution.',
    capabilities: 'Draws, log-probabilities and next-token laws.',
    examples: ['policy = fitted("runs/paris")\nposterior = policy | finished'],
    availability: 'now',
  },
  {
    name: 'mixture',
    family: 'priors',
    form: 'function',
    parameters: [
      { name: 'components', type: 'distribution', doc: 'Priors over the same texts.', variadic: true, least: 1 },
      {
        name: 'weights',
        type: 'numbers',
        doc: 'One weight of at least 0 per prior; they are divided by their sum.',
        namedOnly: true,
      },
    ],
    result: 'Distribution',
    doc: 'A convex combination of priors: a draw comes from one of them, chosen with its weight.',
    capabilities: 'Sampling and log-probabilities; exact engines reach Z and expectations by linearity, not entropy.',
    examples: [
      'calm = tabular({ "yes": 3, "no": 1 })\nwild = tabular({ "yes": 1, "no": 5 })\nprior = mixture(calm, wild, weights = [0.3, 0.7])\nposterior = prior * exp(chars)',
    ],
    availability: 'now',
  },
];
