import { nonEmptyString, positiveInteger, probability } from './validate.ts';
import type { Builtin, Parameter } from './types.ts';

const PROGRAM =
  'prior = tabular({ "a lovely day": 3, "damn rain": 1 })\n' +
  'votes = ensemble(words, 0.5 * chars, if contains("love") then 2 else 0)\n';
const r: Parameter = { name: 'r', type: 'random', doc: 'A random score.' };

function summary(name: string, more: readonly Parameter[], range: string, doc: string, example: string): Builtin {
  return {
    name,
    family: 'random',
    form: 'function',
    parameters: [r, ...more],
    result: 'Score',
    range,
    doc,
    capabilities: 'As the scores it is made of.',
    examples: [PROGRAM + example],
    availability: 'now',
  };
}

export const random: readonly Builtin[] = [
  {
    name: 'ensemble',
    family: 'random',
    form: 'function',
    parameters: [
      {
        name: 'members',
        type: 'score',
        doc: 'Scores, each equally likely to be the true one.',
        variadic: true,
        least: 1,
      },
    ],
    result: 'RandomScore',
    doc: 'A reward one is not sure of: for each text its value is that of one member, chosen uniformly. Uses of one binding share the draw; two `ensemble` calls are independent.',
    examples: [`${PROGRAM}posterior = prior * exp(mean(votes))`],
    availability: 'now',
  },
  {
    name: 'gaussian',
    family: 'random',
    form: 'function',
    parameters: [
      { name: 'mean', type: 'score', doc: 'Mean for each text.' },
      { name: 'sd', type: 'score', doc: 'Standard deviation for each text, provably at least 0.' },
    ],
    result: 'RandomScore',
    doc: 'A reward with normally distributed doubt around a score.',
    examples: [
      'prior = tabular({ "a lovely day": 3, "damn rain": 1 })\nbelief = gaussian(mean = words, sd = 0.5)\nposterior = prior * mean(exp(belief))',
    ],
    availability: 'now',
  },
  {
    name: 'uncertain_reward',
    family: 'random',
    form: 'function',
    parameters: [
      { name: 'source', type: 'model', doc: 'A folder of `post train-reward`.', accepts: nonEmptyString },
      {
        name: 'atoms',
        type: 'number',
        doc: 'How many equally likely values stand for the distribution.',
        default: 16,
        accepts: positiveInteger,
      },
      { name: 'prompt', type: 'string', doc: 'Read before the text.', optional: true, namedOnly: true },
    ],
    result: 'RandomScore',
    doc: 'The reward of a trained model with its doubt: the spread of the members of an ensemble and the distribution that a gaussian, dpl, beta or categorical head gives, put together. Each of the `atoms` values is the mean of one of as many equally likely slices, so that `mean` is the mean of the model; what lies within a slice is lost, and `sd` and `mean(exp(R / beta))` come out a little smaller. For exact moments of normal doubt write `gaussian(mean = …, sd = …)`.',
    examples: [
      'prior = tabular({ "a lovely day": 3, "damn rain": 1 })\nbelief = uncertain_reward("judges")\nposterior = prior * exp(lower(belief, 1))',
    ],
    availability: 'now',
  },
  summary(
    'mean',
    [],
    'within the range of the random score',
    'Expected value under the doubt. Where it stands says what risk is taken. `exp(mean(R) / beta)` is neutral: only the mean counts, as if all judges’ weights were pooled geometrically. `mean(exp(R / beta))` is a Bayesian mixture over judges and **seeks risk**: for a normal R it is exp(μ/β + σ²/(2β²)), so that a text on which judges disagree gains by it; never take it for caution. `mean(R)` itself as a factor, where R is a probability of approval, is the share of judges who would approve.',
    'posterior = prior * mean(exp(votes))',
  ),
  summary(
    'sd',
    [],
    '[0, inf)',
    'Population standard deviation under the doubt.',
    'posterior = prior * exp(-sd(votes))',
  ),
  summary(
    'lower',
    [{ name: 'k', type: 'number', doc: 'How many standard deviations to subtract.' }],
    '(-inf, inf)',
    'A cautious value: mean − k · sd. In exp(lower(R, k) / beta) doubt costs: **averse to risk** for k > 0, where the members of an ensemble differ most away from what they have learned from; k = 0 is the mean, k < 0 seeks risk. The deviation is the population’s, in the units of R, so that k does not depend on beta. It speaks of doubt about the mean and of spread on both sides alike; for the low side alone take `quantile`.',
    'posterior = prior * exp(lower(votes, 1.5))',
  ),
  summary(
    'quantile',
    [{ name: 'q', type: 'number', doc: 'A probability in [0, 1].', accepts: probability }],
    'the range of the random score',
    'The smallest value that is not exceeded with probability q: the inverse distribution function. With q below 0.5 it is **averse to risk** and looks at the low side alone: exp(quantile(R, 0.1) / beta) is the weight that nine judges in ten grant at least. Of an ensemble of few members a low quantile is the worst member.',
    'posterior = prior * exp(quantile(votes, 0.1))',
  ),
];
