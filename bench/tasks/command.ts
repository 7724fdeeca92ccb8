import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command, root } from '../support/paths.ts';
import { runNode, wallSeconds } from '../support/process.ts';
import type { Row } from '../support/row.ts';
import { median } from '../support/statistics.ts';
import type { Task } from '../support/task.ts';

const PARIS = join(root, 'examples', 'paris', 'model.post');
const STATEMENTS = 2000;

/** Medians of runs taken in turns, so that what else the machine does falls on both alike. */
function inTurns(commands: readonly (readonly string[])[], rounds: number): number[] {
  const seconds = commands.map(() => [] as number[]);
  for (let i = 0; i < rounds; i++) commands.forEach((words, k) => seconds[k].push(wallSeconds(words)));
  return seconds.map(median);
}

/** A file that has many statements of every common kind, each referring to earlier ones. */
export function manyStatements(count: number): string {
  const lines = ['prior = bigram({ "^": { "a": 0.5, "$": 0.5 }, "a": { "a": 0.4, "$": 0.6 } }, max_tokens = 20)'];
  const kinds: readonly ((i: number) => string)[] = [
    (i) => `score${i} = count("a${i}") - 0.1 * length / ${i + 1}`,
    (i) => `event${i} = contains("b${i}", whole_word = true) or finds(r"[a-f]+${i}")`,
    (i) => `clipped${i} = clamp(score${i - 2}, -1, 2) + max(length, ${i}) / 3`,
    (i) => `posterior${i} = prior * exp(clipped${i - 1} / 2) | event${i - 2} and length <= ${i}`,
  ];
  for (let i = 0; lines.length < count; i++) lines.push(kinds[i % 4](i));
  return `${lines.join('\n')}\n`;
}

function startUpRows(rounds: number): readonly Row[] {
  const [bare, check] = inTurns([['-e', '0'], [command, 'check', PARIS]], rounds); // prettier-ignore
  return [
    { task: 'start-up', what: 'node -e 0', seconds: bare, runs: rounds, ratio: 1 },
    {
      task: 'start-up',
      what: 'post check examples/paris/model.post',
      seconds: check,
      runs: rounds,
      ratio: check / bare,
    },
  ];
}

function largeFileRow(rounds: number): Row {
  const folder = mkdtempSync(join(tmpdir(), 'postulate-bench-'));
  try {
    const file = join(folder, 'many.post');
    writeFileSync(file, manyStatements(STATEMENTS));
    const checks = Array.from({ length: rounds }, () => runNode([command, 'check', '--quiet', file]));
    return {
      ...{ task: 'large file', what: `post check of ${STATEMENTS} statements`, runs: rounds },
      seconds: median(checks.map((r) => r.seconds)),
      cpuSeconds: median(checks.map((r) => r.cpuSeconds)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export const startUp: Task = {
  name: 'check',
  title: 'The command line',
  rows: ({ quick }) => Promise.resolve([...startUpRows(quick ? 5 : 21), largeFileRow(quick ? 2 : 7)]),
};

/** The end-to-end command on the trigram of nlp-corpus: trained into an empty cache once, then with the model cached. */
function parisRows(rounds: number): readonly Row[] {
  const cache = mkdtempSync(join(tmpdir(), 'postulate-bench-cache-'));
  const sample = (n: number) =>
    runNode([command, 'sample', PARIS, '--engine', 'exact', '-n', String(n), '--json', '--quiet'], {
      XDG_CACHE_HOME: cache,
    });
  const row = (what: string, runs: readonly ReturnType<typeof sample>[]): Row => ({
    ...{ task: 'paris', what, runs: runs.length },
    seconds: median(runs.map((r) => r.seconds)),
    cpuSeconds: median(runs.map((r) => r.cpuSeconds)),
    peakMegabytes: Math.max(...runs.map((r) => r.peakMegabytes)),
    note: `logZ ${(JSON.parse(runs[0].stdout) as { logZ: { value: number } }).logZ.value.toFixed(10)}`,
  });
  try {
    const repeat = (n: number) => Array.from({ length: rounds }, () => sample(n));
    return [
      row('exact, 20 draws, training included', [sample(20)]),
      row('exact, 20 draws', repeat(20)),
      row('exact, 120 draws', repeat(120)),
    ];
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

export const paris: Task = {
  name: 'paris',
  title: 'post sample examples/paris/model.post, from the start of the process to its end',
  rows: ({ quick }) => Promise.resolve(parisRows(quick ? 1 : 5)),
};
