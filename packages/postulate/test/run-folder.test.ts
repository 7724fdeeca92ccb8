import type { ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { seededChooser } from '@postulate/inference';
import { runs, slow } from '../../testing/test/slow.ts';
import { JournalFile } from '../src/run-folder/journal.ts';
import { outcome, post, scratch, start } from './helpers/command.ts';

const file = (name: string, text: string) => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

const ROWS =
  '{ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.4, "b": 0.5, "$": 0.1 }, "b": { "a": 0.5, "b": 0.4, "$": 0.1 } }';
const PRIOR = `prior = bigram(${ROWS}, max_tokens = 20)\n`;
const started = join(scratch, 'started');

/** Takes a millisecond for each text, and says when it is first asked. */
const JUDGE = `
import { writeFileSync } from 'node:fs';
const cell = new Int32Array(new SharedArrayBuffer(4));
let first = true;
export function r(text) {
  if (first) writeFileSync(${JSON.stringify(started)}, '');
  first = false;
  Atomics.wait(cell, 0, 0, 1);
  return (text.length % 7) / 7;
}
`;
file('judge.mjs', JUDGE);
const EXTERN = 'extern score r from "./judge.mjs" in [0, 1]\n';
const judged = file('judged.post', `${EXTERN}param k = 1 in (0, 3)\n${PRIOR}size = length\np = prior * exp(k * r)\n`);
const family = file('family.post', `${EXTERN}context c in ["a", "b"]\n${PRIOR}p = prior * exp(r) | contains(c)\n`);

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

/** What a run leaves behind that has to be the same however often it was broken off. */
const left = (folder: string) => ({
  draws: read(folder, 'draws.jsonl'),
  summary: read(folder, 'summary.json'),
  details: read(folder, 'details.json'),
});

async function finished(words: readonly string[], folder: string) {
  const { code, stdout, stderr } = await post(['sample', ...words, '--out', folder]);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  return left(folder);
}

/** Runs `words` until it asks its extern, and a while on; undefined where it ended before. */
async function breakOff(
  words: readonly string[],
  delay: number,
  signal: NodeJS.Signals,
): Promise<ChildProcess | undefined> {
  rmSync(started, { force: true });
  const child = start(['sample', ...words]);
  child.stdin?.end();
  const end = outcome(child);
  for (;;) {
    if (child.exitCode !== null) return undefined;
    if (existsSync(started)) break;
    await sleep(5);
  }
  await sleep(delay);
  child.kill(signal);
  await end;
  return child.signalCode === 'SIGKILL' || child.exitCode === 130 ? child : undefined;
}

/** Breaks a run off so many times at moments that a seed gives, then lets it go on to its end. */
async function brokenOff(words: readonly string[], folder: string, times: number, signal: NodeJS.Signals = 'SIGKILL') {
  const moments = seededChooser(folder.slice(scratch.length));
  let hits = 0;
  for (let i = 0; i < times; i++) {
    const delay = 10 + 150 * moments.uniform!();
    if (await breakOff([...words, '--out', folder, '--resume'], delay, signal)) hits++;
    // Draws that are there stay there, line by line.
    if (existsSync(folder) && hits > 0) expect(existsSync(join(folder, 'summary.json'))).toBe(false);
  }
  return { hits, ...(await finished([...words, '--resume'], folder)) };
}

const IMPORTANCE = [
  judged,
  '--engine',
  'importance',
  '--option',
  'proposals=1500',
  '--option',
  'batch=40',
  '-n',
  '300',
  '--seed',
  'x',
];
const SMC = [judged, '--engine', 'smc', '--option', 'runs=40', '--option', 'particles=20', '-n', '200', '--seed', 'x'];
/** Enough work that it is not done before the last kill. */
const MANY = String(slow ? 800 : 400);
const REJECTION = [judged, '--engine', 'rejection', '--option', 'batch=20', '-n', MANY, '--seed', 'x'];
const FAMILY = [family, '--engine', 'rejection', '--option', 'batch=20', '-n', slow ? '200' : '120', '--workers', '1'];

/** How often a run is killed. */
const kills = (fast: number, full: number): number => runs(fast, full, fast);

describe('a run that is killed again and again', () => {
  const most = [
    ['rejection', [...REJECTION, '--workers', '1'], kills(3, 8)],
    ['rejection with workers', [...REJECTION, '--workers', '2'], kills(2, 5)],
    ['a family', FAMILY, kills(2, 6)],
  ] as const;
  const others = [
    ['smc', [...SMC, '--workers', '1'], kills(2, 4)],
    ['importance', [...IMPORTANCE, '--workers', '1'], kills(2, 6)],
    ['auto', [judged, '-n', '400', '--option', 'pilot=100', '--workers', '1'], kills(2, 4)],
  ] as const;
  it.each(slow ? [...most, ...others] : most)(
    'comes to the same draws and figures: %s',
    { timeout: 300_000 },
    async (name, words, times) => {
      const id = name.replaceAll(' ', '-');
      const whole = await finished(words, join(scratch, `${id}-whole`));
      const broken = await brokenOff(words, join(scratch, `${id}-broken`), times);
      expect(broken.hits).toBeGreaterThan(0);
      expect(broken.draws).toBe(whole.draws);
      expect(broken.summary).toBe(whole.summary);
      expect(broken.details).toBe(whole.details);
      const lines = whole.draws.split('\n').slice(0, -1);
      expect(lines.length).toBeGreaterThan(100);
      for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    },
  );

  it('loses no finished work', async () => {
    const folder = join(scratch, 'work');
    const words = [...REJECTION, '--workers', '1', '--out', folder];
    let before = 0;
    for (let i = 0; i < runs(2, 3, 2); i++) {
      await breakOff([...words, '--resume'], 200, 'SIGKILL');
      const journal = new JournalFile(join(folder, 'chunks.bin'));
      const { size } = journal;
      journal.close();
      // Each life adds to what the ones before have done.
      expect(size).toBeGreaterThan(before);
      before = size;
    }
  });

  // The chunks of the family are of several batches, and Ctrl-C cuts one short: what is left of it must not be kept.
  const interrupted = [
    ['family', FAMILY, kills(2, 4)],
    ['importance', IMPORTANCE, 2],
  ] as const;
  it.each(slow ? interrupted : interrupted.slice(0, 1))(
    'goes on after Ctrl-C too: %s',
    { timeout: 120_000 },
    async (name, words, times) => {
      const whole = await finished(words, join(scratch, `ctrl-c-${name}-whole`));
      const broken = await brokenOff(words, join(scratch, `ctrl-c-${name}`), times, 'SIGINT');
      expect(broken).toEqual({ hits: broken.hits, ...whole });
      expect(broken.hits).toBeGreaterThan(0);
    },
  );
});

describe('a folder that is taken up again', () => {
  const words = [judged, '--engine', 'rejection', '--option', 'batch=20', '-n', '100', '--seed', 'x'];
  const folder = join(scratch, 'again');

  it('says what the run is', async () => {
    const whole = await finished(words, folder);
    expect(whole.draws.split('\n')).toHaveLength(101);
    const run = JSON.parse(read(folder, 'run.json')) as Record<string, unknown>;
    expect(run).toMatchObject({
      ...{ format: 1, file: judged, params: { k: 1 }, posterior: 'p', engine: 'rejection' },
      // What was not given stands there too: a later version may have other defaults.
      options: { batch: 20, removeDead: true, patience: 1_000_000 },
      ...{
        draws: 100,
        seed: 'x',
        budget: null,
        files: { './judge.mjs': expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      },
    });
    expect((run['models'] as string[])[0]).not.toBe('');
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });

  it('gives what a finished run gave, and without its extern being asked', async () => {
    const whole = left(folder);
    rmSync(started, { force: true });
    expect(await finished([...words, '--resume'], folder)).toEqual(whole);
    expect(existsSync(started)).toBe(false);
  });

  it('drops half a line and half a chunk', async () => {
    const whole = left(folder);
    const broken = join(scratch, 'half');
    cpSync(folder, broken, { recursive: true });
    rmSync(join(broken, 'summary.json'));
    truncateSync(join(broken, 'draws.jsonl'), whole.draws.length - 7);
    truncateSync(join(broken, 'chunks.bin'), statSync(join(folder, 'chunks.bin')).size - 3);
    expect(await finished([...words, '--resume'], broken)).toEqual(whole);
    appendFileSync(join(broken, 'chunks.bin'), Buffer.alloc(100, 7));
    appendFileSync(join(broken, 'draws.jsonl'), '{"text": "aab');
    expect(await finished([...words, '--resume'], broken)).toEqual(whole);
    expect(read(broken, 'chunks.bin')).toBe(read(folder, 'chunks.bin'));
  });

  it.each([
    ['the seed', [...words.slice(0, -1), 'y']],
    ['the number of draws', words.map((w) => (w === '100' ? '200' : w))],
    ['the engine', words.map((w) => (w === 'rejection' ? 'importance' : w))],
    ["the engine's options", words.map((w) => (w === 'batch=20' ? 'batch=21' : w))],
    ['the params', [...words, '--set', 'k=2']],
    ['the budget', [...words, '--budget', '10000']],
  ])('refuses another run, saying what differs: %s', async (what, other) => {
    const { code, stderr } = await post(['sample', ...other, '--out', folder, '--resume']);
    expect(code).toBe(2);
    expect(stderr).toContain(`what differs: ${what} (`);
  });

  it('refuses a changed program and a changed extern', async () => {
    const copy = file('changed.post', `${readFileSync(judged, 'utf8')}// changed\n`);
    const program = await post(['sample', copy, ...words.slice(1), '--out', folder, '--resume']);
    expect(program.stderr).toContain('what differs: the program (');
    writeFileSync(join(scratch, 'judge.mjs'), `${JUDGE}// changed\n`);
    try {
      const extern = await post(['sample', ...words, '--out', folder, '--resume']);
      expect(extern.stderr).toContain('what differs: the files it names (');
    } finally {
      writeFileSync(join(scratch, 'judge.mjs'), JUDGE);
    }
  });

  it('is not taken up without being asked to, nor by two at once, nor where there is no run', async () => {
    const unasked = await post(['sample', ...words, '--out', folder]);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain('--resume');
    writeFileSync(join(folder, 'lock'), String(process.pid));
    const second = await post(['sample', ...words, '--out', folder, '--resume']);
    expect(second.code).toBe(3);
    expect(second.stderr).toContain(`is being written by the process ${process.pid}`);
    writeFileSync(join(folder, 'lock'), '999999999');
    expect((await post(['sample', ...words, '--out', folder, '--resume'])).code).toBe(0);
    expect((await post(['sample', ...words, '--out', scratch, '--resume'])).code).toBe(2);
    expect((await post(['sample', ...words, '--resume'])).code).toBe(2);
  });

  it('notices draws that are not its own', async () => {
    const other = join(scratch, 'other');
    cpSync(folder, other, { recursive: true });
    const text = read(folder, 'draws.jsonl');
    writeFileSync(join(other, 'draws.jsonl'), text.replace('"text": "', '"text": "z'));
    const { code, stderr } = await post(['sample', ...words, '--out', other, '--resume']);
    expect(code).toBe(3);
    expect(stderr).toContain('draws.jsonl holds other draws');
  });

  it('goes on past a time limit, whose draws it replaces where they were not final', async () => {
    const limited = join(scratch, 'limited');
    const whole = await finished(IMPORTANCE, join(scratch, 'unlimited'));
    expect((await post(['sample', ...IMPORTANCE, '--out', limited, '--budget', '700ms', '--workers', '1'])).code).toBe(
      0,
    );
    const early = left(limited);
    expect(early.draws.split('\n').length).toBe(301);
    expect(early.summary).toContain('interrupted');
    expect(early.draws).not.toBe(whole.draws);
    expect(await finished([...IMPORTANCE, '--resume'], limited)).toEqual(whole);
  });
});

describe('exact draws', () => {
  it('are the same again', async () => {
    const path = file('exact.post', `${PRIOR}size = length\np = prior | contains("bb")\n`);
    const words = [path, '-n', '600', '--engine', 'exact'];
    const folder = join(scratch, 'exact');
    const whole = await finished(words, folder);
    truncateSync(join(folder, 'draws.jsonl'), 10_000);
    rmSync(join(folder, 'summary.json'));
    expect(await finished([...words, '--resume'], folder)).toEqual(whole);
  });
});

describe('what the disk refuses', () => {
  it.each(['draws.jsonl', 'chunks.bin'])('is an error that says so: a full disk under %s', async (name) => {
    const folder = join(scratch, `full-${name}`);
    await breakOff([...REJECTION, '--workers', '1', '--out', folder], 50, 'SIGKILL');
    rmSync(join(folder, name), { force: true });
    symlinkSync('/dev/full', join(folder, name));
    const { code, stderr } = await post(['sample', ...REJECTION, '--out', folder, '--resume']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/P903.*cannot be written: no space is left/);
  });

  it('is an error that says so: a folder that cannot be', async () => {
    const words = ['sample', ...REJECTION, '--out', join(judged, 'below')];
    const { code, stderr } = await post(words);
    expect(code).toBe(3);
    expect(stderr).toContain('P903');
  });

  it('leaves no folder behind where nothing came of the run', async () => {
    const folder = join(scratch, 'nothing');
    expect((await post(['sample', judged, '--engine', 'exact', '--out', folder])).code).not.toBe(0);
    expect(existsSync(folder)).toBe(false);
  });
});
