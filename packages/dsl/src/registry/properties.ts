import type { Builtin, Parameter } from './types.ts';

const PROGRAM =
  'prior = tabular({ "a lovely day": 3, "damn rain": 1 })\n' +
  'reward = lexicon({ "lovely": 2, "damn": -1 })\n' +
  'posterior = prior * exp(reward)\n';
const d: Parameter = { name: 'd', type: 'distribution', doc: 'A distribution.' };
const x: Parameter = { name: 'x', type: 'text', doc: 'A text bound by `forall`.' };
const two: readonly Parameter[] = [
  { ...d, name: 'd1' },
  { ...d, name: 'd2' },
];

function functional(name: string, parameters: readonly Parameter[], range: string, doc: string, body: string): Builtin {
  return {
    name,
    family: 'properties',
    form: 'function',
    parameters,
    result: 'Number',
    range,
    doc,
    examples: [`${PROGRAM}property "example": ${body}`],
    availability: 'now',
    propertyOnly: true,
  };
}

export const properties: readonly Builtin[] = [
  functional(
    'E',
    [
      {
        name: 'score',
        type: 'expectation',
        doc: 'A score, a bar, and the distribution it is averaged under: `s | d`.',
      },
    ],
    'the range of the score',
    'Expected value of a score under a distribution.',
    'E(reward | posterior) > E(reward | prior)',
  ),
  functional(
    'P',
    [{ name: 'event', type: 'probability', doc: 'An event, a bar, and the distribution: `e | d`.' }],
    '[0, 1]',
    'Probability of an event under a distribution.',
    'P(contains("lovely") | posterior) > 0.9',
  ),
  functional(
    'KL',
    two,
    '[0, inf]',
    'Kullback–Leibler divergence of d1 from d2 in nats, both normalised, over tokens and the way the text ended.',
    'KL(posterior, prior) < 6',
  ),
  functional(
    'TV',
    two,
    '[0, 1]',
    'Total variation distance of the normalised distributions.',
    'TV(posterior, prior) <= 0.9',
  ),
  functional('H', [d], '[0, inf)', 'Entropy in nats of the normalised distribution.', 'H(posterior) > 0.01'),
  functional('log_Z', [d], '[-inf, inf)', 'Natural log of the normaliser Z.', 'log_Z(posterior) <= 2'),
  functional(
    'log_density',
    [d, x],
    '[-inf, inf)',
    'Unnormalised log density of a text, nats.',
    'forall x: log_density(posterior, x) >= log_density(prior, x) - 1',
  ),
  functional(
    'ratio',
    [d, x],
    '[0, inf)',
    'Unnormalised density of a text divided by its density under the prior of the distribution: the product of the factors.',
    'forall x, y: reward(x) >= reward(y) implies ratio(posterior, x) >= ratio(posterior, y)',
  ),
];
