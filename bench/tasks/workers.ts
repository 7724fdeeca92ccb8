import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from '../support/paths.ts';
import { wallSeconds } from '../support/process.ts';
import { atLeast } from '../support/goals.ts';
import type { Row } from '../support/row.ts';
import type { Task } from '../support/task.ts';

/** Some tens of microseconds of arithmetic for each text, whatever its string is made of. */
const EXTERN = `export function r(text) {
  let x = (text.length + 31 * text.charCodeAt(0)) | 0;
  for (let i = 0; i < 40000; i++) x = (Math.imul(x, 1664525) + 1013904223) ^ (x >>> 9);
  return (x >>> 0) / 4294967296;
}
`;

const PROGRAM = `extern score r from "./judge.mjs" in [0, 1]
prior = ngram("nlp-corpus", order = 3, max_tokens = 20)
p = prior * exp(3 * r) | not contains("Paris")
`;

interface Job {
  readonly what: string;
  readonly words: readonly string[];
}

/** Long enough that reading the prior, which each thread does for itself, is no part of it to speak of. */
const JOBS: readonly Job[] = [
  { what: 'rejection with an extern', words: ['--engine', 'rejection', '-n', '100000'] },
  { what: 'importance with an extern', words: ['--engine', 'importance', '--option', 'proposals=300000', '-n', '100'] },
];

/** Seconds of whole processes, with one thread and with two in turns, so that other work falls on both alike. */
function inPairs(words: readonly string[], rounds: number): readonly (readonly [one: number, two: number])[] {
  const timed = (workers: number) =>
    wallSeconds([command, 'sample', ...words, '--quiet', '--workers', String(workers)]);
  return Array.from({ length: rounds }, () => [timed(1), timed(2)] as const);
}

export function workerRows(rounds: number): readonly Row[] {
  const folder = mkdtempSync(join(tmpdir(), 'postulate-bench-'));
  try {
    writeFileSync(join(folder, 'judge.mjs'), EXTERN);
    const file = join(folder, 'model.post');
    writeFileSync(file, PROGRAM);
    wallSeconds([command, 'sample', file, '--engine', 'importance', '-n', '1', '--quiet']);
    return JOBS.flatMap(({ what, words }) => {
      const pairs = inPairs([file, ...words], rounds);
      // Other work on the machine only ever adds to a time.
      const [one, two] = [0, 1].map((k) => Math.min(...pairs.map((p) => p[k])));
      const faster = one / two;
      const note = `pairs ${pairs.map(([a, b]) => `${a.toFixed(1)}/${b.toFixed(1)}`).join(' ')} s`;
      return [
        { task: 'workers', what: `${what}, 1 thread`, runs: rounds, seconds: one, ratio: 1 },
        {
          ...{ task: 'workers', what: `${what}, 2 workers`, runs: rounds, seconds: two, ratio: faster, note },
          ...atLeast('ratio', faster, 1.7),
        },
      ];
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const workers: Task = {
  name: 'workers',
  title: 'Threads that share the work of a run, whole processes in turns (the least time of each counts)',
  rows: ({ quick }) => Promise.resolve(workerRows(quick ? 1 : 3)),
};
