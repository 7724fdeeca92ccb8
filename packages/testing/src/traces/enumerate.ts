import { fail } from '@postulate/graph';
import type { Chooser } from '@postulate/models';

/** One path through a program's choices: what it returned, and the natural log of the path's probability. */
export interface Trace<T> {
  readonly value: T;
  readonly logProbability: number;
}

export interface EnumerationOptions {
  /** Most paths to visit before giving up with P603; default 100,000. */
  readonly maxTraces?: number;
}

/** A choice that has been taken, and the alternatives that are still to be taken at the same place. */
interface Fork {
  readonly live: readonly number[];
  readonly logProbs: readonly number[];
  at: number;
}

const DEFAULT_MAX_TRACES = 100_000;

function fork(logWeights: ArrayLike<number>): Fork {
  const live: number[] = [];
  let top = -Infinity;
  for (let i = 0; i < logWeights.length; i++) {
    const w = logWeights[i];
    if (Number.isNaN(w) || w === Infinity)
      throw fail('P900', `Expected log-weights below infinity, found ${w} at index ${i}.`);
    if (w > -Infinity) live.push(i);
    if (w > top) top = w;
  }
  if (live.length === 0) throw fail('P900', 'Expected at least one choice above -inf, found none.');
  const total = live.reduce((sum, i) => sum + Math.exp(logWeights[i] - top), 0);
  return { live, logProbs: live.map((i) => logWeights[i] - top - Math.log(total)), at: 0 };
}

/** Moves to the next path, depth first. False once every path has been visited. */
function advance(path: Fork[]): boolean {
  while (path.length > 0) {
    const last = path[path.length - 1];
    if (last.at + 1 < last.live.length) {
      last.at++;
      return true;
    }
    path.pop();
  }
  return false;
}

function replayer(path: Fork[]): { readonly chooser: Chooser; readonly depth: () => number } {
  let depth = 0;
  const chooser: Chooser = {
    choose(logWeights) {
      if (depth === path.length) path.push(fork(logWeights));
      const { live, at } = path[depth++];
      if (live[at] >= logWeights.length || logWeights[live[at]] === -Infinity)
        throw fail(
          'P900',
          'The program offered other choices when it was run again: it has a source of chance besides the chooser.',
        );
      return live[at];
    },
    split: () => chooser,
  };
  return { chooser, depth: () => depth };
}

/**
 * Runs `program` once for every path through its choices and returns all paths. The chooser handed over has no
 * `uniform`; its `split` returns itself. A program must therefore be finite, and must depend on nothing but its choices.
 *
 * Errors: P603 beyond `maxTraces` paths; P900 if a run does not follow the path of the run before.
 */
export async function enumerateTraces<T>(
  program: (chooser: Chooser) => T | Promise<T>,
  { maxTraces = DEFAULT_MAX_TRACES }: EnumerationOptions = {},
): Promise<Trace<T>[]> {
  const path: Fork[] = [];
  const traces: Trace<T>[] = [];
  do {
    if (traces.length === maxTraces)
      throw fail(
        'P603',
        `Expected at most ${maxTraces} paths, found more. Raise maxTraces or make the program smaller.`,
      );
    const { chooser, depth } = replayer(path);
    const value = await program(chooser);
    if (depth() !== path.length)
      throw fail(
        'P900',
        'The program stopped before the path it was to follow: it has a source of chance besides the chooser.',
      );
    traces.push({ value, logProbability: path.reduce((sum, f) => sum + f.logProbs[f.at], 0) });
  } while (advance(path));
  return traces;
}

/** Σ over the paths of P(path) · f(value), summed with compensation (Neumaier 1974). */
export function expectation<T>(traces: readonly Trace<T>[], f: (value: T) => number): number {
  let sum = 0;
  let carry = 0;
  for (const { value, logProbability } of traces) {
    const term = Math.exp(logProbability) * f(value);
    const next = sum + term;
    carry += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + carry;
}

/** Σ P(path); 1 where the enumeration is complete. */
export function totalMass(traces: readonly Trace<unknown>[]): number {
  return expectation(traces, () => 1);
}
