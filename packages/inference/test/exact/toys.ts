import type { BackoffTable, LanguageModel, SequenceBatch, TextBatch, TokenMachine } from '@postulate/models';
import { packSequences } from '@postulate/models';
import { prepareTable, tableLogProb } from '../../src/dp/index.ts';
import { isMachine, machineValue, mapMachines } from '../../src/index.ts';
import type { BoundFunction, BoundMoment, Factor, Target } from '../../src/index.ts';

/** What an automaton does with a token in a state. */
export type Move<S> = (state: S, token: string) => { readonly state: S; readonly output?: number };

/** A machine explored from its start by `move`; states are compared by their JSON. */
export function machineOf<S>(
  tokens: readonly string[],
  start: S,
  move: Move<S>,
  final: (state: S, finished: boolean) => number,
): TokenMachine {
  const ids = new Map([[JSON.stringify(start), 0]]);
  const states = [start];
  const next: number[] = [];
  const output: number[] = [];
  for (let i = 0; i < states.length; i++) {
    for (const token of tokens) {
      const to = move(states[i], token);
      const key = JSON.stringify(to.state);
      if (!ids.has(key)) {
        ids.set(key, states.length);
        states.push(to.state);
      }
      next.push(ids.get(key)!);
      output.push(to.output ?? 0);
    }
  }
  return {
    ...{ vocabularySize: tokens.length, states: states.length, start: 0, classes: tokens.length },
    classOf: Int32Array.from(tokens.keys()),
    next: Int32Array.from(next),
    output: output.every((x) => x === 0) ? undefined : Float64Array.from(output),
    finalEnd: Float64Array.from(states, (s) => final(s, true)),
    finalStop: Float64Array.from(states, (s) => final(s, false)),
  };
}

/** Non-overlapping occurrences of `needle`, by the longest suffix that begins it. */
export function countOf(tokens: readonly string[], needle: string): TokenMachine {
  const move: Move<string> = (state, token) => {
    const text = state + token;
    if (text.endsWith(needle)) return { state: '', output: 1 };
    let suffix = text;
    while (!needle.startsWith(suffix)) suffix = suffix.slice(1);
    return { state: suffix };
  };
  return machineOf(tokens, '', move, () => 0);
}

/** The event that the text contains `needle`. */
export function containsOf(tokens: readonly string[], needle: string): TokenMachine {
  const count = countOf(tokens, needle);
  return mustMap([count], 12, ([n]) => (n > 0 ? 1 : 0));
}

export function mustMap(
  machines: readonly TokenMachine[],
  maxTokens: number,
  f: (v: readonly number[]) => number,
): TokenMachine {
  const m = mapMachines(machines, f, { maxStates: 20_000, maxTokens });
  if (!isMachine(m)) throw new Error(m.reason);
  return m;
}

/** The event that the text is in the language of a JavaScript expression, by brute force over all texts. */
export function matchesOf(tokens: readonly string[], pattern: RegExp, maxTokens: number): TokenMachine {
  return machineOf(
    tokens,
    '',
    (s, token) => ({ state: s.length < maxTokens ? s + token : s }),
    (s) => (pattern.test(s) ? 1 : 0),
  );
}

export type Chain = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** A Markov chain given in full: `^` start, `$` end. */
export function chainTable(tokens: readonly string[], chain: Chain): BackoffTable {
  const names = ['^', ...tokens];
  const rowStart = [0];
  const words: number[] = [];
  const probs: number[] = [];
  for (const name of names) {
    [...tokens, '$'].forEach((token, w) => {
      const p = chain[name]?.[token] ?? 0;
      if (p === 0) return;
      words.push(w);
      probs.push(p);
    });
    rowStart.push(words.length);
  }
  return {
    ...{ vocabularySize: tokens.length, contexts: names.length, start: 0 },
    rowStart: Int32Array.from(rowStart),
    words: Int32Array.from(words),
    probs: Float64Array.from(probs),
    targets: Int32Array.from(words, (w) => (w === tokens.length ? -1 : w + 1)),
    backoff: new Float64Array(names.length),
    parent: new Int32Array(names.length).fill(-1),
    norm: undefined,
    interpolated: true,
  };
}

export function modelOf(
  tokens: readonly string[],
  table: BackoffTable,
  maxTokens: number,
  separator = '',
): LanguageModel {
  const density = tableLogProb(prepareTable(table));
  return {
    ...{ id: 'toy', maxTokens, table, capabilities: new Set(['sample', 'finiteState'] as const) },
    vocabulary: { size: tokens.length, tokens, separator },
    open: () => {
      throw new Error('a toy is not decoded');
    },
    sample: () => {
      throw new Error('a toy is not sampled');
    },
    logProb: (batch: SequenceBatch) =>
      Float64Array.from({ length: batch.size }, (_, i) =>
        density(batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]), batch.finished[i] === 1),
      ),
  };
}

function valuesOf(m: TokenMachine, batch: TextBatch): Float64Array {
  return Float64Array.from({ length: batch.size }, (_, i) =>
    machineValue(m, batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]), batch.finished[i] === 1),
  );
}

const REALS = { lo: -Infinity, hi: Infinity, loOpen: true, hiOpen: true };

export function functionOf(name: string, machine: TokenMachine, kind: 'score' | 'event' = 'score'): BoundFunction {
  return { name, kind, range: REALS, values: (batch) => valuesOf(machine, batch), machine: () => machine };
}

export function factorOf(label: string, machine: TokenMachine): Factor {
  return {
    ...{ label, node: undefined, capabilities: new Set(['completeScore'] as const), logUpperBound: Infinity },
    logWeights: (batch) => valuesOf(machine, batch),
    machine: () => machine,
  };
}

/** A factor whose log-weight is any function of the text, without a machine. */
export function opaqueFactor(
  label: string,
  f: (text: string, finished: boolean, tokens: Int32Array) => number,
): Factor {
  return {
    ...{ label, node: undefined, capabilities: new Set(['completeScore'] as const), logUpperBound: Infinity },
    logWeights: (batch) =>
      Float64Array.from({ length: batch.size }, (_, i) =>
        f(batch.text(i), batch.finished[i] === 1, batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1])),
      ),
    machine: () => ({ reason: 'it is opaque' }),
  };
}

export const indicatorOf = (label: string, event: TokenMachine): Factor =>
  factorOf(
    label,
    mustMap([event], 12, ([e]) => (e === 0 ? -Infinity : 0)),
  );

export function targetOf(
  prior: LanguageModel,
  factors: readonly Factor[],
  named: readonly BoundFunction[] = [],
  moments: readonly BoundMoment[] = [],
): Target {
  return { name: 'posterior', graphHash: '', context: {}, prior, stages: [{ factors, moments }], named };
}

/** All sequences of at most `maxTokens` tokens with their prior, straight from the definition of the table. */
export function bruteForce(model: LanguageModel): { readonly batch: SequenceBatch; readonly logPrior: Float64Array } {
  const { table, vocabulary, maxTokens } = model;
  const sequences: number[][] = [];
  const finished: boolean[] = [];
  const logPrior: number[] = [];
  const visit = (h: number, path: number[], p: number): void => {
    if (p === 0) return;
    const add = (done: boolean, q: number): void => {
      if (q === 0) return;
      sequences.push([...path]);
      finished.push(done);
      logPrior.push(Math.log(q));
    };
    if (path.length === maxTokens) return add(false, p);
    const norm = table!.norm?.[h] ?? 1;
    add(true, (p * raw(table!, h, vocabulary.size).weight) / norm);
    for (let w = 0; w < vocabulary.size; w++) {
      const step = raw(table!, h, w);
      visit(step.target, [...path, w], (p * step.weight) / norm);
    }
  };
  visit(table!.start, [], 1);
  return { batch: packSequences(sequences, finished), logPrior: Float64Array.from(logPrior) };
}

/** Raw weight and target as the table's own description defines them. */
export function raw(t: BackoffTable, h: number, w: number): { readonly weight: number; readonly target: number } {
  for (let k = t.rowStart[h]; k < t.rowStart[h + 1]; k++) {
    if (t.words[k] === w) return { weight: t.probs[k], target: t.targets[k] };
  }
  if (t.parent[h] === -1) return { weight: 0, target: h };
  const up = raw(t, t.parent[h], w);
  return { weight: t.backoff[h] * up.weight, target: up.target };
}
