import type { Vocabulary } from '@postulate/models';
import { lookupOf, placeOf, slotAt, textOf, type Backward, type Lookup, type SolvedTerm } from '../../dp/index.ts';
import { MAX_SUPPORT_TEXTS, supportOf, type TextProbability } from './solution.ts';

/** Look-ups to spend on listing a support before giving it up. */
const MAX_WORK = 5_000_000;

interface Thread {
  /** Number of the summand. */
  readonly index: number;
  readonly b: Backward;
  readonly lookup: Lookup;
}

/** Where one summand is after a prefix, and the log of its weight so far. */
interface Place {
  readonly thread: Thread;
  readonly context: number;
  readonly state: number;
  readonly logWeight: number;
}

/**
 * The posterior's probability of every text, by walking only prefixes that some summand can finish; null where there
 * are too many texts, or too much would have to be looked at to find them.
 */
export function listPosterior(
  solved: readonly SolvedTerm[],
  logZ: number,
  vocabulary: Vocabulary,
): readonly TextProbability[] | null {
  const sequences: TextProbability[] = [];
  const tokens: number[] = [];
  const texts = new Set<string>();
  let work = 0;
  const wordsFrom = livingWords(vocabulary.size, (lookups) => (work += lookups));
  const add = (logWeight: number): boolean => {
    if (logWeight === -Infinity) return true;
    const text = textOf(vocabulary, tokens);
    texts.add(text);
    sequences.push({ text, probability: Math.exp(logWeight - logZ) });
    return texts.size <= MAX_SUPPORT_TEXTS;
  };
  const visit = (places: readonly Place[]): boolean => {
    if (tokens.length === places[0].thread.b.plan.maxTokens) {
      return places.every((p) => add(p.logWeight + p.thread.b.machine.finalStop[p.state]));
    }
    for (const p of places) if (!add(p.logWeight + endWeight(p))) return false;
    for (const word of wordsFrom(places, tokens.length)) {
      const next = places.flatMap((p) => follow(p, tokens.length, word));
      work += places.length;
      if (next.length === 0) continue;
      tokens.push(word);
      const more = visit(next);
      tokens.pop();
      if (!more || work > MAX_WORK) return false;
    }
    return true;
  };
  const roots = solved.map(({ b, term }, index): Place => {
    const thread = { index, b, lookup: lookupOf(term.table) };
    return { thread, context: term.table.start, state: b.machine.start, logWeight: term.logWeight };
  });
  return visit(roots) ? supportOf(sequences) : null;
}

/** Words whose class leads some of the places to a state that can still weigh something; by state and position. */
function livingWords(
  vocabularySize: number,
  onWork: (lookups: number) => void,
): (places: readonly Place[], t: number) => Int32Array {
  const known = new Map<string, Int32Array>();
  return (places, t) => {
    const key = `${t}:${places.map((p) => `${p.thread.index}/${p.state}`).join()}`;
    let words = known.get(key);
    if (words === undefined) {
      const isLive = places.map((p) => liveClasses(p, t));
      words = Int32Array.from({ length: vocabularySize }, (_, w) => w).filter((w) =>
        places.some(({ thread }, i) => isLive[i][thread.b.machine.classOf[w]] === 1),
      );
      known.set(key, words);
      onWork(vocabularySize);
    }
    return words;
  };
}

function liveClasses({ thread, state }: Place, t: number): Uint8Array {
  const { machine, values, plan } = thread.b;
  return Uint8Array.from({ length: machine.classes }, (_, c) => {
    const arc = state * machine.classes + c;
    return values[(t + 1) * plan.states + machine.next[arc]] === undefined || machine.output?.[arc] === -Infinity
      ? 0
      : 1;
  });
}

function endWeight({ thread, context, state }: Place): number {
  const { prepared, machine } = thread.b;
  return Math.log(prepared.rawEnd[context] / (prepared.table.norm?.[context] ?? 1)) + machine.finalEnd[state];
}

/** Where a word leads, if anything can come of it. */
function follow(p: Place, t: number, word: number): readonly Place[] {
  const { b, lookup } = p.thread;
  const { table } = b.prepared;
  const { machine, plan } = b;
  const arc = p.state * machine.classes + machine.classOf[word];
  const state = machine.next[arc];
  const values = b.values[(t + 1) * plan.states + state];
  const output = machine.output?.[arc] ?? 0;
  if (values === undefined || output === -Infinity) return NOWHERE;
  const k = lookup.find(p.context, word);
  const raw = k === -1 ? 0 : lookup.factor * table.probs[k];
  if (raw === 0 || values[placeOf(slotAt(b, t + 1, state), table.targets[k])] === 0) return NOWHERE;
  const logWeight = p.logWeight + Math.log(raw / (table.norm?.[p.context] ?? 1)) + output;
  return [{ thread: p.thread, context: table.targets[k], state, logWeight }];
}

const NOWHERE: readonly Place[] = [];
