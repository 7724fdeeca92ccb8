import { matching } from './scores.ts';
import type { Builtin, Parameter } from './types.ts';

const PRIOR = 'prior = tabular({ "a lovely day": 3, "damn rain": 1 })\n';
const REGULAR = 'Regular: a finite automaton, so exact engines apply and decoding is steered token by token.';

function event(name: string, parameters: readonly Parameter[], doc: string, example: string): Builtin {
  return {
    name,
    family: 'events',
    form: parameters.length === 0 ? 'value' : 'function',
    parameters,
    result: 'Event',
    doc,
    capabilities: REGULAR,
    examples: [PRIOR + example],
    availability: 'now',
  };
}

const pattern: Parameter = {
  name: 'pattern',
  type: 'pattern',
  doc: 'A regular expression, best written raw: `r"…"`. No back-references and no look-around.',
};
const needle: Parameter = {
  name: 'text',
  type: 'string',
  doc: 'What to look for.',
};

export const events: readonly Builtin[] = [
  event(
    'contains',
    [needle, ...matching],
    'The text contains the string.',
    'posterior = prior | contains("day", whole_word = true)',
  ),
  event(
    'contains_any',
    [
      {
        name: 'list',
        type: 'strings',
        doc: 'The strings; a list, `wordlist(…)` or `lines(…)`.',
      },
      ...matching,
    ],
    'The text contains at least one of the strings.',
    'posterior = prior | not contains_any(wordlist("cuss"), whole_word = true)',
  ),
  event(
    'starts_with',
    [{ ...needle, doc: 'The beginning.' }],
    'The text begins with the string.',
    'posterior = prior | starts_with("a ")',
  ),
  event(
    'ends_with',
    [{ ...needle, doc: 'The end.' }],
    'The text ends with the string.',
    'posterior = prior | ends_with("day")',
  ),
  event(
    'matches',
    [pattern],
    'The whole text matches the regular expression.',
    'posterior = prior | matches(r"\\w+( \\w+)*")',
  ),
  event(
    'finds',
    [pattern],
    'The regular expression matches somewhere in the text.',
    'posterior = prior | finds(r"l[aeiou]v")',
  ),
  event(
    'finished',
    [],
    'The text ended by itself instead of being stopped at `max_tokens`.',
    'posterior = prior | finished',
  ),
];
