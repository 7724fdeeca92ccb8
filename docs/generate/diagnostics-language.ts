import type { DiagnosticPage } from './diagnostic-page.ts';

const PRIOR = 'prior = tabular({ "a": 1, "b": 3 })\n';
const CHAIN = 'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "$": 1 }, "b": { "$": 1 } }, max_tokens = 3)\n';

/** Thirty functions, each of which calls the one before it twice. */
const EXPANDING = [
  `${PRIOR}f0(s) = s + 1`,
  ...Array.from({ length: 30 }, (_, i) => `f${i + 1}(s) = f${i}(s) + f${i}(s * ${i + 2})`),
  'posterior = prior * exp(-f30(length))\n',
].join('\n');

/** Pages of what the lexer, the parser and the checker report. `program` is a whole bad program. */
export const LANGUAGE_PAGES: readonly DiagnosticPage[] = [
  {
    code: 'P001',
    why: 'A character that has no meaning in the language stands outside of strings and comments.',
    fix: 'Remove it, or put it into a string. Operators are spelled `and`, `or`, `not`, `implies`, `==`, `!=`.',
    program: `${PRIOR}posterior = prior | contains("a") && contains("b")\n`,
  },
  {
    code: 'P002',
    why: 'The text is not a program: something else was expected at this place.',
    fix: 'The message says what was expected. Reading goes on at the next statement, so later errors are reported too.',
    program: 'prior = tabular({ "a": 1, "b": 3 }\nposterior = prior | contains("a")\n',
  },
  {
    code: 'P003',
    why: 'A string or a block comment is opened and never closed. Strings end on the line they start on.',
    fix: 'Close it. A line break inside a string is written `\\n`.',
    program: 'prior = tabular({ "a: 1 })\n',
  },
  {
    code: 'P004',
    why: 'Parentheses, lists or operators are nested deeper than any program needs.',
    fix: 'Name the inner parts.',
    program: `x = ${'('.repeat(600)}1${')'.repeat(600)}\n`,
    brief: true,
  },
  {
    code: 'P005',
    why: 'A number or an escape in a string is not written as the language writes them.',
    fix: 'Numbers: `1`, `0.5`, `1e-3`, `inf`. Escapes: `\\n`, `\\t`, `\\"`, `\\\\`, `\\u{1F600}`. In `r"…"` a backslash is a backslash.',
    program: `${PRIOR}posterior = prior | contains("\\q")\n`,
  },
  {
    code: 'P006',
    why: 'A record names one key twice, so one of the two values would be lost.',
    fix: 'Keep one.',
    program: 'prior = tabular({ "a": 1, "b": 3, "a": 2 })\n',
  },
  {
    code: 'P007',
    why: 'The file holds bytes that are not UTF-8 text.',
    fix: 'Check that the path names a `.post` file, and save it as UTF-8.',
    program: 'prior = \u0000\u0001\n',
    brief: true,
  },
  {
    code: 'P100',
    why: 'A name is neither defined in the file, nor imported, nor a builtin.',
    fix: 'Take the suggestion if there is one, or define the name. A name may be used above its definition.',
    program: `${PRIOR}reward = count("a")\nposterior = prior * exp(rewrd)\n`,
  },
  {
    code: 'P101',
    why: 'Two statements define one name.',
    fix: 'Rename one of them.',
    program: `${PRIOR}reward = count("a")\nreward = count("b")\nposterior = prior * exp(reward)\n`,
  },
  {
    code: 'P102',
    why: 'A definition needs its own value, directly or through others. Functions may not be recursive either.',
    fix: 'Break the cycle that the message spells out.',
    program: `${PRIOR}a = b + 1\nb = a\nposterior = prior * exp(a)\n`,
  },
  {
    code: 'P103',
    why: 'A name of the file hides a builtin of the same name. This is only a warning, so that new builtins never break old files.',
    fix: 'Rename it if you meant the builtin.',
    program: `${PRIOR}length = count("a")\nposterior = prior * exp(length)\n`,
  },
  {
    code: 'P104',
    why: 'An imported file cannot be read, does not define the name, or has errors of its own.',
    fix: 'Paths are relative to the file that imports.',
    program: 'import { prior } from "missing.post"\nposterior = prior | contains("a")\n',
  },
  {
    code: 'P105',
    why: 'Files import each other in a circle.',
    fix: 'Move what both need into a third file.',
    program: 'import { prior } from "example.post"\nposterior = prior | contains("a")\n',
  },
  {
    code: 'P106',
    why: 'A param is declared and nothing depends on it, so `--set` would do nothing.',
    fix: 'Use it or remove it.',
    program: `${PRIOR}param beta = 1 in (0, inf)\nposterior = prior | contains("a")\n`,
  },
  {
    code: 'P107',
    why: '`E`, `P`, `KL`, `TV`, `H`, `log_Z`, `log_density` and `ratio` speak about distributions as a whole; only properties may.',
    fix: 'Move the expression into a `property`.',
    program: `${PRIOR}posterior = prior | contains("a")\nn = KL(posterior, prior)\n`,
  },
  {
    code: 'P108',
    why: 'A call of a function is replaced by its body. Functions that call each other twice at every level double the program with each level.',
    fix: 'Give the repeated call a name of its own outside of the function, or call the function once.',
    program: EXPANDING,
    brief: true,
  },
  {
    code: 'P200',
    why: 'A value has another type than its place asks for.',
    fix: 'The message gives both types. An event becomes a factor by `indicator(e)`, a score an event by a comparison.',
    program: `${PRIOR}noCurse = not contains("damn")\nposterior = prior * noCurse\n`,
  },
  {
    code: 'P201',
    why: 'A call has too few or too many arguments.',
    fix: 'The reference of builtins shows every signature.',
    program: `${PRIOR}posterior = prior * exp()\n`,
  },
  {
    code: 'P202',
    why: 'A call names an argument that the function does not have, or gives one twice.',
    fix: 'Take the suggestion if there is one.',
    program: `${PRIOR}posterior = prior | contains("a", whole_words = true)\n`,
  },
  {
    code: 'P203',
    why: 'What multiplies a distribution must be provably at least 0, or the product is no measure. The range is found by interval arithmetic.',
    fix: 'For a reward, `exp(reward/beta)`. For a threshold, `indicator(reward > 0)`.',
    program: `${PRIOR}reward = count("a") - 1\nposterior = prior * reward\n`,
  },
  {
    code: 'P204',
    why: 'The range of a divisor includes 0.',
    fix: 'Bound it away from 0, for example `max(s, 1)`.',
    program: `${PRIOR}rate = count("a") / words\nposterior = prior * exp(rate)\n`,
  },
  {
    code: 'P205',
    why: 'A function is applied outside its domain: `log` or `sqrt` of what may be negative, or a power that is not a real number.',
    fix: 'Bound the argument with `max` or `abs`.',
    program: `${PRIOR}posterior = prior * exp(log(count("a") - 1))\n`,
  },
  {
    code: 'P206',
    why: 'Something that is not a function is called.',
    fix: '`length`, `chars`, `words`, `sentiment` and `finished` are values and take no parentheses.',
    program: `${PRIOR}posterior = prior * exp(length())\n`,
  },
  {
    code: 'P207',
    why: 'A place that needs a constant of the file holds something that depends on the text.',
    fix: 'Use a number, a string or a param.',
    program: `${PRIOR}posterior = prior | contains(length)\n`,
  },
  {
    code: 'P208',
    why: 'Two distributions that are combined range over different texts: another vocabulary or another `max_tokens`.',
    fix: 'Give both the same vocabulary and the same `max_tokens`.',
    program: `${CHAIN}other = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "$": 1 }, "b": { "$": 1 } }, max_tokens = 4)\nposterior = prior * other\n`,
  },
  {
    code: 'P209',
    why: '`optimality(s)` is the probability exp(s) of being optimal, so s must be provably at most 0.',
    fix: 'Subtract the score’s upper bound, or use `exp` where a probability is not meant.',
    program: `${PRIOR}posterior = prior * optimality(count("a"))\n`,
  },
  {
    code: 'P300',
    why: 'The default of a param, or its value from `--set`, lies outside the range that the file declares.',
    fix: 'Change the value or the range. A round bracket leaves its end out.',
    program: `${PRIOR}param beta = 0 in (0, inf)\nposterior = prior * exp(count("a")/beta)\n`,
  },
  {
    code: 'P301',
    why: 'The temperature is 0. The limit of small β puts all mass on the best texts; the value itself means nothing.',
    fix: 'Take a small positive β.',
    program: `${PRIOR}beta = 0\nposterior = prior * exp(count("a")/beta)\n`,
  },
  {
    code: 'P302',
    why: 'A row of a `bigram` is not a probability distribution: it must sum to one within 1e-9.',
    fix: 'Correct the row that the message names. `"$"` is the end of the text.',
    program: 'prior = bigram({ "^": { "a": 0.5, "$": 0.4 }, "a": { "$": 1 } }, max_tokens = 3)\n',
  },
  {
    code: 'P303',
    why: 'A weight or a probability is negative, not finite, or above 1.',
    fix: 'Correct the value that the message names.',
    program: 'prior = tabular({ "a": 1, "b": -3 })\n',
  },
  {
    code: 'P305',
    why: '`--set` names a param that the file does not declare.',
    fix: 'Only `param` statements can be set from outside.',
    program: `${PRIOR}param beta = 1 in (0, inf)\nposterior = prior * exp(count("a")/beta)\n`,
    set: { gamma: 2 },
  },
  {
    code: 'P306',
    why: 'A declared range is empty or its ends are not constants.',
    fix: 'Write the smaller end first. Infinite ends are open.',
    program: `${PRIOR}param beta = 1 in [2, 0]\nposterior = prior * exp(count("a")/beta)\n`,
  },
  {
    code: 'P307',
    why: 'An argument has the right type and an impossible value: a negative length, an order of 0, an unknown level.',
    fix: 'The message says which values are possible.',
    program: 'prior = ngram("nlp-corpus", order = 0, max_tokens = 20)\n',
  },
  {
    code: 'P402',
    why: 'All factors of a posterior are constant, so that it is its prior.',
    fix: 'Probably a factor is missing.',
    program: `${PRIOR}posterior = prior * exp(0)\n`,
  },
  {
    code: 'P406',
    why: 'A reward is divided by a negative constant inside `exp`, which favours the texts with the lowest reward.',
    fix: 'Make β positive, or negate the reward if that is meant.',
    program: `${PRIOR}posterior = prior * exp(count("a")/(-2))\n`,
  },
];
