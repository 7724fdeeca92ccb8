import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { bindLm } from '../../src/lm/bind-lm.ts';
import { lmSource } from '../../src/lm/source.ts';
import { fakeHub } from '../hub/fake-hub.ts';

afterEach(() => vi.unstubAllEnvs());

/** The shipped model, as a hub would hold it. */
function shippedFiles(): Record<string, Uint8Array> {
  const found = lmSource('tiny-english', '.');
  if (found.kind !== 'folder') throw new Error('the shipped model is a folder');
  return Object.fromEntries(readdirSync(found.path).map((name) => [name, readFileSync(join(found.path, name))]));
}

const LM = { maxTokens: 8, prompt: undefined, shaping: {} };

test('a hub id is fetched once, and then is the model that it is', { timeout: 60_000 }, async () => {
  const hub = await fakeHub({ files: shippedFiles() });
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(tmpdir(), 'hub-')));
  const model = await bindLm({ source: 'me/tiny', ...LM }, '.', {});
  const shipped = await bindLm({ source: 'tiny-english', ...LM }, '.', {});
  expect(model.id).toBe(shipped.id);
  const drawn = await model.sample(3, seededChooser('a'));
  expect(await shipped.logProb(drawn)).toEqual(await model.logProb(drawn));
  const before = hub.requests.length;
  await bindLm({ source: 'me/tiny', ...LM }, '.', { offline: true });
  expect(hub.requests.length).toBe(before);
});

test('offline, a model that is not in the cache is P513', async () => {
  vi.stubEnv('XDG_CACHE_HOME', mkdtempSync(join(tmpdir(), 'hub-')));
  await expect(bindLm({ source: 'me/other', ...LM }, '.', { offline: true })).rejects.toThrow(/P513.*switched off/);
});
