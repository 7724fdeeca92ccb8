import { nonEmptyString } from './validate.ts';
import type { Builtin } from './types.ts';

const PRIOR = 'prior = tabular({ "a lovely day": 3, "damn rain": 1 })\n';

export const data: readonly Builtin[] = [
  {
    name: 'wordlist',
    family: 'data',
    form: 'function',
    parameters: [
      {
        name: 'name',
        type: 'bundled',
        doc: 'A file with one word or phrase per line, or the name of a bundled list.',
        accepts: nonEmptyString,
      },
    ],
    result: 'List',
    doc: 'A list of words from outside the file, such as the bundled `"cuss"`.',
    examples: [`${PRIOR}posterior = prior | not contains_any(wordlist("cuss"), whole_word = true)`],
    availability: 'now',
  },
  {
    name: 'lines',
    family: 'data',
    form: 'function',
    parameters: [{ name: 'file', type: 'path', doc: 'A text file.', accepts: nonEmptyString }],
    result: 'List',
    doc: 'The lines of a text file.',
    examples: [
      `context topic in lines("topics.txt")\nprior = lm("tiny-english", max_tokens = 20, prompt = topic)\nposterior = prior | finished`,
    ],
    availability: 'now',
  },
  {
    name: 'corpus',
    family: 'data',
    form: 'function',
    parameters: [
      {
        name: 'name',
        type: 'bundled',
        doc: 'A bundled corpus, or a file with one example per line.',
        accepts: nonEmptyString,
      },
    ],
    result: 'List',
    doc: 'The examples of a corpus, one string each.',
    examples: ['prior = ngram(corpus("nlp-corpus"), max_tokens = 10)\nposterior = prior | finished'],
    availability: 'now',
  },
];
