import { join } from 'node:path';
import { command, data } from '../support/paths.ts';
import { runNode } from '../support/process.ts';
import type { Row } from '../support/row.ts';
import { median } from '../support/statistics.ts';
import type { Task } from '../support/task.ts';

/** `awrs` steers by events, of which B has none. */
const RUNS: readonly (readonly [posterior: 'A' | 'B', engine: string, ...options: string[]])[] = [
  ['A', 'exact'],
  ['A', 'rejection'],
  ['A', 'awrs'],
  ['B', 'exact'],
  ['B', 'importance'],
  ['B', 'qrs', 'threshold=1e4'],
  ['B', 'smc', 'twist=prefix'],
  ['B', 'smc', 'twist=lookahead'],
  ['B', 'mh'],
  ['B', 'weighted-decoding'],
  ['B', 'best-of-n'],
  ['B', 'auto'],
];
const DRAWS = 1000;

function commandRow(posterior: string, engine: string, options: readonly string[], rounds: number): Row {
  const words = options.flatMap((o) => ['--option', o]);
  const file = join(data, 'markov6.post');
  const once = () =>
    runNode([
      ...[command, 'sample', file, '--posterior', posterior, '--engine', engine, ...words],
      ...['-n', String(DRAWS), '--json', '--quiet'],
    ]);
  const runs = Array.from({ length: rounds }, once);
  return {
    ...{ task: posterior, what: [engine, ...options].join(', '), runs: rounds },
    seconds: median(runs.map((r) => r.seconds)),
    cpuSeconds: median(runs.map((r) => r.cpuSeconds)),
    peakMegabytes: Math.max(...runs.map((r) => r.peakMegabytes)),
  };
}

export const engineProcesses: Task = {
  name: 'engines',
  title: `post sample with ${DRAWS.toLocaleString('en')} draws under each engine, whole processes`,
  rows: ({ quick }) =>
    Promise.resolve(RUNS.map(([posterior, engine, ...o]) => commandRow(posterior, engine, o, quick ? 1 : 3))),
};
