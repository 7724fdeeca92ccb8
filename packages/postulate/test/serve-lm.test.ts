import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { load } from '../src/index.ts';
import { start } from './helpers/command.ts';

/** `post serve-lm tiny-english` on a free port, until the test ends. */
async function served(...options: string[]) {
  const child = start(['serve-lm', 'tiny-english', '--port', '0', '--json', ...options]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  child.stderr!.on('data', (chunk: Buffer) => (log += String(chunk)));
  const [first] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, url: (JSON.parse(String(first)) as { url: string }).url, log: () => log };
}

async function draws(file: string, source: string, engine: string, seed: string) {
  const prior = `lm("${source}", max_tokens = 6, prompt = "I want", temperature = 0.8)`;
  writeFileSync(file, `prior = ${prior}\nposterior = prior | contains("e")\n`);
  const model = await load(file);
  return model.posterior().run({ engine, n: 4, seed, options: { particles: 6, runs: 4, twist: 'none' } });
}

test('the shipped model behind a server is the shipped model', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'post-serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { child, url, log } = await served('--max-logprobs', '-1');
  const file = join(folder, 'm.post');
  const there = await draws(file, url, 'smc', 'a');
  const here = await draws(file, 'tiny-english', 'smc', 'a');
  // Laws that differ in the seventh digit give the same draws under the same seed, all but surely.
  expect(there.draws.map((d) => d.text)).toEqual(here.draws.map((d) => d.text));
  there.draws.forEach((d, i) => expect(d.logPrior).toBeCloseTo(here.draws[i].logPrior, 4));
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
  expect(log()).toMatch(/POST \/v1\/completions 200/);
}, 60_000);
