import {
  absRange,
  clampRange,
  expRange,
  logRange,
  logSigmoid,
  logSigmoidRange,
  maxRange,
  minRange,
  sigmoid,
  sigmoidRange,
  sqrtRange,
} from '@postulate/graph';
import type { Builtin, Parameter, Pointwise } from './types.ts';

const REGULAR = 'As its argument: regular where that is regular.';
const PRIOR = 'prior = tabular({ "a lovely day": 3, "damn rain": 1 })\nreward = lexicon({ "lovely": 2, "damn": -1 })\n';
const s: Parameter = { name: 's', type: 'score', doc: 'A number or score.' };

function unary(name: string, range: string, doc: string, pointwise: Pointwise, example: string): Builtin {
  return {
    name,
    family: 'score-functions',
    form: 'function',
    parameters: [s],
    result: 'Score',
    range,
    doc,
    capabilities: name === 'exp' ? 'The exponential of an additive score multiplies along the text.' : REGULAR,
    examples: [PRIOR + example],
    availability: 'now',
    pointwise,
  };
}

function extremum(name: 'min' | 'max', doc: string, example: string): Builtin {
  return {
    name,
    family: 'score-functions',
    form: 'function',
    parameters: [{ ...s, variadic: true, least: 1, doc: 'Numbers or scores.' }],
    result: 'Score',
    range: `the ${name === 'min' ? 'smallest' : 'largest'} of the ends of its arguments`,
    doc,
    capabilities: REGULAR,
    examples: [PRIOR + example],
    availability: 'now',
    pointwise: {
      fn: name,
      value: (args) => Math[name](...args),
      range: (args) => args.reduce(name === 'min' ? minRange : maxRange),
    },
  };
}

const transcendental: readonly Builtin[] = [
  unary(
    'exp',
    '(0, inf), narrower where its argument is bounded',
    'e to the power s. It turns any score into a factor: `prior * exp(reward / beta)` is the prior tilted towards reward, with `beta` the temperature.',
    { fn: 'exp', value: ([x]) => Math.exp(x), range: ([r]) => expRange(r) },
    'posterior = prior * exp(reward)',
  ),
  unary(
    'log',
    '[-inf, inf)',
    'Natural logarithm of a score of at least 0; log 0 is −inf.',
    { fn: 'log', value: ([x]) => Math.log(x), range: ([r]) => logRange(r), domain: 'of at least 0' },
    'posterior = prior * exp(log(length))',
  ),
  unary(
    'sqrt',
    '[0, inf)',
    'Square root of a score of at least 0.',
    { fn: 'sqrt', value: ([x]) => Math.sqrt(x), range: ([r]) => sqrtRange(r), domain: 'of at least 0' },
    'posterior = prior * sqrt(words)',
  ),
  unary(
    'abs',
    '[0, inf)',
    'Absolute value.',
    { fn: 'abs', value: ([x]) => Math.abs(x), range: ([r]) => absRange(r) },
    'posterior = prior * exp(-abs(words - 3))',
  ),
  unary(
    'sigmoid',
    '(0, 1)',
    'Logistic function 1 / (1 + e^−s): a score as a probability.',
    { fn: 'sigmoid', value: ([x]) => sigmoid(x), range: ([r]) => sigmoidRange(r) },
    'posterior = prior * sigmoid(reward)',
  ),
  unary(
    'log_sigmoid',
    '(-inf, 0)',
    'Natural log of `sigmoid`, accurate in both tails.',
    { fn: 'log_sigmoid', value: ([x]) => logSigmoid(x), range: ([r]) => logSigmoidRange(r) },
    'posterior = prior * exp(log_sigmoid(reward))',
  ),
];

export const scoreFunctions: readonly Builtin[] = [
  ...transcendental,
  extremum('min', 'The smallest of its arguments.', 'posterior = prior * exp(min(reward, 1))'),
  extremum(
    'max',
    'The largest of its arguments; `max(s, 1)` makes a divisor safe.',
    'posterior = prior * exp(reward / max(words, 1))',
  ),
  {
    name: 'clamp',
    family: 'score-functions',
    form: 'function',
    parameters: [s, { name: 'lo', type: 'score', doc: 'Lower end.' }, { name: 'hi', type: 'score', doc: 'Upper end.' }],
    result: 'Score',
    range: '[lo, hi]',
    doc: 'The score, held between two ends: `max(lo, min(s, hi))`.',
    capabilities: REGULAR,
    examples: [`${PRIOR}posterior = prior * exp(clamp(reward, -1, 1))`],
    availability: 'now',
    pointwise: {
      fn: 'clamp',
      value: ([x, lo, hi]) => Math.max(lo, Math.min(x, hi)),
      range: ([r, lo, hi]) => clampRange(r, lo, hi),
    },
  },
  {
    name: 'indicator',
    family: 'score-functions',
    form: 'function',
    parameters: [{ name: 'event', type: 'event', doc: 'Where the score is 1; elsewhere it is 0.' }],
    result: 'Score',
    range: '[0, 1]',
    doc: 'The score 1 where the event holds and 0 elsewhere. As a factor it conditions on the event.',
    capabilities: 'Boolean; regular where the event is, so that it steers token by token.',
    examples: [`${PRIOR}posterior = prior * indicator(not contains("damn"))`],
    availability: 'now',
  },
  {
    name: 'optimality',
    family: 'score-functions',
    form: 'function',
    parameters: [{ ...s, doc: 'A score that is provably at most 0.' }],
    result: 'Score',
    range: '(0, 1]',
    doc: 'The likelihood p(O = 1 | x) = exp(s) of control as inference. It insists that s ≤ 0, so that it is a probability.',
    capabilities: 'As `exp`.',
    examples: [`${PRIOR}posterior = prior * optimality(min(reward, 0))`],
    availability: 'now',
  },
];
