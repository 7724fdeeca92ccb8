import { andThen, asTexts, logFactors, type Maybe } from '../bind/index.ts';
import { aliveStates } from '../machine/index.ts';
import type { SequenceBatch, TokenMachine } from '@postulate/models';
import { Buckets } from './buckets.ts';
import { Followers } from './followers.ts';
import { gain } from './gain.ts';
import type { JointMachine } from './joint-machine.ts';
import type { Twisted } from './options.ts';
import type { Twist, TwistSession } from './twist.ts';

/** What was learned of prefixes, and of texts that are complete. */
interface Lessons {
  readonly machine: TokenMachine;
  readonly maxTokens: number;
  readonly alive: Uint8Array;
  readonly prefixes: Buckets;
  readonly ends: Buckets;
}

/**
 * The soft value of a prefix, E[φ | prefix], as a table fitted on draws of the prior (after FUDGE, `algorithms.md` 6.1, with
 * whole weights in place of labels): what the machines of the factors have gathered, times the mean of the rest of φ over the
 * draws whose prefix had the same position, machine state and last token, shrunk towards coarser buckets. It is never 0
 * where the automaton is alive.
 */
export function learnedTwist(
  { prior, factors }: Twisted,
  { machine }: JointMachine,
  draws: SequenceBatch,
): Maybe<Twist> {
  const { maxTokens } = prior;
  return andThen(logFactors(factors, asTexts(prior.vocabulary, draws)), ({ logFactor }) => {
    const prefixes = new Buckets(maxTokens);
    const ends = new Buckets(maxTokens);
    const lessons = { machine, maxTokens, alive: aliveStates(machine, maxTokens), prefixes, ends };
    for (let i = 0; i < draws.size; i++) learn(lessons, draws, i, logFactor[i]);
    return { name: 'learned', exact: false, open: (size) => openLearned(lessons, size) };
  });
}

/** log φ beyond what the machine has gathered. */
const rest = (log: number, gathered: number): number => (log === -Infinity ? log : log - gathered);

/** Prefixes that the automaton rules out teach nothing: nobody asks for them. */
function learn(
  { machine, maxTokens, alive, prefixes, ends }: Lessons,
  batch: SequenceBatch,
  row: number,
  log: number,
): void {
  const by = new Followers(machine, maxTokens, 1);
  const from = batch.offsets[row];
  const length = batch.offsets[row + 1] - from;
  const add = (to: Buckets, gathered: number): void => {
    if (gathered > -Infinity) to.add(by.t, by.state[0], by.last[0], rest(log, gathered));
  };
  for (let t = 0; t <= length; t++) {
    if (t > 0) by.advance(batch.tokens.subarray(from + t - 1, from + t));
    if (alive[t * machine.states + by.state[0]] === 1) add(t === maxTokens ? ends : prefixes, by.partial[0]);
  }
  if (batch.finished[row] === 1) add(ends, by.partial[0] + machine.finalEnd[by.state[0]]);
}

/** The means at one (position, state). */
interface Cell {
  readonly common: number;
  readonly byToken: ReadonlyMap<number, number>;
}

function cells(buckets: Buckets): (t: number, state: number) => Cell {
  const kept = new Map<string, Cell>();
  return (t, state) => {
    const key = `${t},${state}`;
    let cell = kept.get(key);
    if (cell === undefined) {
      kept.set(key, (cell = { common: buckets.common(t, state), byToken: buckets.byToken(t, state) }));
    }
    return cell;
  };
}

function openLearned(lessons: Lessons, size: number): TwistSession {
  const { machine: m, maxTokens, alive } = lessons;
  const by = new Followers(m, maxTokens, size);
  const open = cells(lessons.prefixes);
  const endAt = cells(lessons.ends);
  const prefixAt = (t: number, state: number): Cell => (t === maxTokens ? endAt : open)(t, state);
  const mean = (cell: Cell, token: number): number => cell.byToken.get(token) ?? cell.common;
  let logValues = new Float64Array(size);
  const refresh = (): void => {
    for (let i = 0; i < logValues.length; i++) {
      if (by.ended[i] === 1) continue;
      const lives = alive[by.t * m.states + by.state[i]] === 1;
      logValues[i] = lives ? by.partial[i] + mean(prefixAt(by.t, by.state[i]), by.last[i]) : -Infinity;
    }
  };
  refresh();
  const byClass = new Float64Array(m.classes);
  const next = (row: number, out: Float64Array): void => {
    const [t, s, partial] = [by.t, by.state[row], by.partial[row]];
    if (t >= maxTokens) return void out.fill(-Infinity);
    const targets = new Set<number>();
    for (let c = 0; c < m.classes; c++) {
      const arc = s * m.classes + c;
      const lives = alive[(t + 1) * m.states + m.next[arc]] === 1;
      byClass[c] = lives ? partial + gain(m, arc, t + 1 === maxTokens) : -Infinity;
      if (lives) targets.add(m.next[arc]);
    }
    const common = byClass.map((v, c) => v + prefixAt(t + 1, m.next[s * m.classes + c]).common);
    for (let w = 0; w < m.vocabularySize; w++) out[w] = common[m.classOf[w]];
    for (const to of targets) {
      for (const [w, value] of prefixAt(t + 1, to).byToken) {
        if (w >= 0 && m.next[s * m.classes + m.classOf[w]] === to) out[w] = byClass[m.classOf[w]] + value;
      }
    }
    out[m.vocabularySize] = partial + m.finalEnd[s] + mean(endAt(t, s), by.last[row]);
  };
  return {
    get logValues() {
      return logValues;
    },
    next,
    advance(tokens) {
      by.advance(tokens);
      refresh();
    },
    reorder(ancestors) {
      by.reorder(ancestors);
      logValues = Float64Array.from(ancestors, (a) => logValues[a]);
    },
  };
}
