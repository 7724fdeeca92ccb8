import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, PostError, type RunOptions } from 'postulate';
import { describe, expect, it } from 'vitest';
import { writeTinyFolder } from '../../models/test/support/tiny-folder.ts';
import { slow } from '../../testing/test/slow.ts';
import { openCrew } from '../src/workers/crew.ts';
import { workerEntry } from '../src/workers/entry.ts';
import type { Job } from '../src/workers/job.ts';
import { buffersOf, receiveError, sendError } from '../src/workers/messages.ts';
import { outcome, post, scratch, start } from './helpers/command.ts';

const file = (name: string, text: string) => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

const ROWS =
  '{ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.4, "b": 0.5, "$": 0.1 }, "b": { "a": 0.5, "b": 0.4, "$": 0.1 } }';
const PRIOR = `prior = bigram(${ROWS}, max_tokens = 30)\n`;

const log = join(scratch, 'threads.log');

/**
 * Takes its time for every text on the main thread until it has run on `others` more, so that these come in time to share
 * even a short run, and writes down which threads it was run on. `then` is what it does before it answers, `ms` how long it takes.
 */
const JUDGE = (then = '', others = 1, ms = 1): string => `
import { appendFileSync, readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
const cell = new Int32Array(new SharedArrayBuffer(4));
const seen = new Set();
let texts = 0;
let waits = threadId === 0 && !process.argv.join(' ').includes('--workers 1');
export function r(text) {
  if (!seen.has(threadId)) appendFileSync(${JSON.stringify(log)}, threadId + '\\n');
  seen.add(threadId);
  if (waits) Atomics.wait(cell, 0, 0, ${ms});
  if (waits && ++texts % 20 === 0) waits = readFileSync(${JSON.stringify(log)}, 'utf8').trim().split('\\n').length <= ${others};
  ${then}
  return (text.length % 7) / 7;
}
`;

const EXTERN = 'extern score r from "./judge.mjs" in [0, 1]\n';
const judged = file('judged.post', `${EXTERN}param k = 1 in (0, 3)\n${PRIOR}size = length\np = prior * exp(k * r)\n`);

async function threadsOf(words: readonly string[]) {
  writeFileSync(log, '');
  const { code, stdout, stderr } = await post(['sample', ...words, '--json']);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  return { stdout, threads: readFileSync(log, 'utf8').trim().split('\n') };
}

describe('any number of workers', () => {
  it.each([
    ['importance', ['--option', 'proposals=2500', '--option', 'batch=100', '--set', 'k=2']],
    ['rejection', ['-n', '700', '--option', 'batch=50', '--expect', 'size']],
    ['auto', ['-n', '500', '--set', 'k=0.5', '--option', 'pilot=100']],
  ])('prints the same bytes: %s', async (engine, words) => {
    file('judge.mjs', JUDGE());
    const all = [judged, '--engine', engine, '--seed', 'workers', ...words];
    const one = await threadsOf([...all, '--workers', '1']);
    expect(one.threads).toEqual(['0']);
    for (const n of engine === 'importance' || slow ? ['2', '3'] : ['2']) {
      const several = await threadsOf([...all, '--workers', n]);
      expect(several.stdout).toBe(one.stdout);
      expect(new Set(several.threads).size).toBeGreaterThan(1);
    }
  });

  it('does with contexts and with a text from standard input', async () => {
    file('judge.mjs', JUDGE('', 2));
    const text = `${EXTERN}context c in ["a", "b"]\n${PRIOR}p = prior * exp(count(c) / 5 + r)\n`;
    const words = ['sample', '-', '--engine', 'importance', '--option', 'proposals=2000', '--json', '-n', '20'];
    const run = (n: string) => post([...words, '--option', 'batch=100', '--workers', n], { input: text });
    const one = await run('1');
    writeFileSync(log, '');
    expect(await run('2')).toEqual(one);
    expect(new Set(readFileSync(log, 'utf8').trim().split('\n')).size).toBeGreaterThan(2);
  });

  it('starts none for a short run unless told to', async () => {
    const { threads } = await threadsOf([judged, '--engine', 'importance', '-n', '5']);
    expect(threads).toEqual(['0']);
  });
});

describe('any number of workers under a neural prior', () => {
  it.each([
    ['rejection', ['-n', '150', '--option', 'batch=20']],
    ['importance', ['--option', 'proposals=400', '--option', 'batch=50', '-n', '50']],
    ['smc', ['-n', '12', '--option', 'particles=10', '--option', 'runs=12', '--option', 'twist=none']],
    ['smc', ['-n', '12', '--option', 'particles=10', '--option', 'runs=12', '--option', 'twist=prefix']],
    ['smc', ['-n', '12', '--option', 'particles=10', '--option', 'runs=12', '--option', 'surrogateDraws=300']],
    ['awrs', ['-n', '12', '--option', 'particles=10', '--option', 'runs=12']],
  ])('prints the same bytes: %s %j', async (engine, words) => {
    await writeTinyFolder(join(scratch, 'tiny'));
    const prior = 'prior = lm("./tiny", max_tokens = 8, temperature = 0.7, top_k = 50, top_p = 0.9)\n';
    const model = file('neural.post', `${EXTERN}${prior}size = length\np = prior * exp(r) | contains("a")\n`);
    file('judge.mjs', JUDGE('', 1, engine === 'smc' || engine === 'awrs' ? 40 : 2));
    const all = [model, '--engine', engine, '--seed', 'neural', ...words];
    const one = await threadsOf([...all, '--workers', '1', '--quiet']);
    const two = await threadsOf([...all, '--workers', '2', '--quiet']);
    expect([one.threads, new Set(two.threads).size > 1]).toEqual([['0'], true]);
    expect(two.stdout).toBe(one.stdout);
    const { draws } = JSON.parse(one.stdout) as { draws: readonly { text: string }[] };
    expect(new Set(draws.map((d) => d.text)).size).toBeGreaterThan(3);
  });
});

describe('what goes wrong in a worker', () => {
  const failing = file('failing.post', `${EXTERN}${PRIOR}p = prior * exp(r)\n`);

  it('is the same error as in place, with its place in the file', async () => {
    file('judge.mjs', JUDGE("if (threadId !== 0 && text.startsWith('bb')) throw new Error('too many b');"));
    const origin = {
      name: failing,
      text: readFileSync(failing, 'utf8'),
      directory: scratch,
      params: {},
      posterior: 'p',
    };
    const job: Job = {
      origin: { ...origin, allowExtern: true, cacheDirectory: null },
      member: 0,
      run: { engine: 'importance', options: { proposals: 6000 } },
    };
    const crew = openCrew(job, { workers: 2, signal: new AbortController().signal })!;
    const here = async () => new Promise((resolve) => setTimeout(() => resolve('here'), 50));
    const ask = async (): Promise<unknown> => {
      try {
        return await crew.work({ index: 0, input: undefined, most: 1, here });
      } catch (error) {
        return error;
      }
    };
    let found = await ask();
    while (found === 'here') found = await ask();
    await crew.close();
    expect(found).toBeInstanceOf(PostError);
    expect(found).toMatchObject({ code: 'P702', diagnostics: [{ span: { source: failing, start: 0 } }] });
    expect((found as PostError).message).toContain('too many b');
  });

  it('keeps its words as it travels', () => {
    const sent = new PostError([{ code: 'P603', severity: 'error', message: 'spent' }], 'outside');
    const received = receiveError(structuredClone(sendError(sent)));
    expect(received).toMatchObject({ name: 'PostError', code: 'P603', kind: 'outside', message: sent.message });
    const plain = receiveError(structuredClone(sendError(Object.assign(new RangeError('r'), { code: 'ENOENT' }))));
    expect(plain).toMatchObject({ name: 'RangeError', message: 'r', code: 'ENOENT' });
  });

  it('does not end the run where it is the worker that ends', async () => {
    file(
      'judge.mjs',
      JUDGE('', Infinity)
        .replace('seen.add', 'if (threadId !== 0) process.exit(1);\n  seen.add')
        .replace('throw', 'void'),
    );
    const words = ['sample', failing, '--engine', 'importance', '--option', 'proposals=1500', '--json'];
    const two = await post([...words, '--workers', '2']);
    expect(two.code).toBe(0);
    expect(two.stderr).toContain('a worker thread is missing');
    expect(two.stdout).toBe((await post([...words, '--workers', '1'])).stdout);
  });
});

describe('the end of the workers', () => {
  it('comes at once with Ctrl-C, with what was drawn', async () => {
    file('judge.mjs', JUDGE());
    const words = ['sample', judged, '--engine', 'rejection', '-n', '10000000', '--workers', '2', '--json'];
    const child = start(words);
    child.stdin?.end();
    setTimeout(() => child.kill('SIGINT'), 2500);
    const began = performance.now();
    const { code, stdout } = await outcome(child);
    expect(code).toBe(130);
    expect(performance.now() - began).toBeLessThan(8000);
    expect((JSON.parse(stdout) as { draws: unknown[] }).draws.length).toBeGreaterThan(0);
  });

  it('comes with a time limit, and with leaving a stream early', async () => {
    const posterior = (await load(judged)).posterior();
    const options: RunOptions = { engine: 'rejection', n: 1e7, workers: 2 };
    const limited = await posterior.run({ ...options, timeLimit: 2500 });
    expect(limited.stopped).toBe(true);
    expect(limited.draws.length).toBeGreaterThan(0);
    let seen = 0;
    for await (const _ of posterior.sample(options)) if (++seen === 1000) break;
    expect(seen).toBe(1000);
  });
});

describe('the wiring', () => {
  it('finds the entry from the sources, from the bundle and from its chunks, and nowhere else', () => {
    const entry = workerEntry()!;
    expect(entry).toMatch(/postulate[\\/]dist[\\/]worker\.js$/);
    for (const place of ['cli.js', 'chunks/run-X.js'])
      expect(workerEntry(new URL(place, `file://${entry}`).href)).toBe(entry);
    expect(workerEntry('file:///nowhere/at/all/main.js')).toBeUndefined();
  });

  it('gives buffers away only where all of one is sent', () => {
    const whole = new Float64Array(4);
    const shared = new SharedArrayBuffer(8);
    const part = new Int32Array(8).subarray(2);
    const found = buffersOf({
      a: [whole, { b: whole.subarray(0, 4) }],
      c: part,
      d: new Uint8Array(shared),
      e: 'text',
      f: null,
    });
    expect([...found]).toEqual([whole.buffer]);
  });

  it('wants a whole number', async () => {
    for (const wrong of ['0', '1.5', 'two']) expect((await post(['sample', judged, '--workers', wrong])).code).toBe(2);
    expect((await post(['sample', judged, '-n', '1', '--workers', 'auto'])).code).toBe(0);
  });
});
