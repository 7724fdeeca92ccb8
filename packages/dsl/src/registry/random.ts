import { probability } from './validate.ts';
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
  summary(
    'mean',
    [],
    'within the range of the random score',
    'Expected value under the doubt. `mean(exp(R))` integrates the doubt out of a factor.',
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
    'A cautious value: mean − k · sd.',
    'posterior = prior * exp(lower(votes, 1.5))',
  ),
  summary(
    'quantile',
    [{ name: 'q', type: 'number', doc: 'A probability in [0, 1].', accepts: probability }],
    'the range of the random score',
    'The smallest value that is not exceeded with probability q: the inverse distribution function.',
    'posterior = prior * exp(quantile(votes, 0.1))',
  ),
];
