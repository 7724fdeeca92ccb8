import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  encodeSafetensors,
  fetchModel,
  readModelFolder,
  type FetchProgress,
  type HubOptions,
} from '../../src/index.ts';
import { hubSettings } from '../../src/hub/settings.ts';
import { failure, temporaryFolder } from '../priors/support.ts';
import { COMMIT, fakeHub, serve, type FakeHubOptions } from './fake-hub.ts';
import { tinyFiles } from './tiny-folder.ts';

const WEIGHTS = 'model.safetensors';
const BIG = Buffer.from(
  encodeSafetensors([{ name: 'w', shape: [50_000], data: Float32Array.from({ length: 50_000 }, (_, i) => i) }]),
);
const FILES = { ...tinyFiles(), [WEIGHTS]: BIG, 'README.md': 'not needed', 'pytorch_model.bin': 'never fetched' };

const quick = (endpoint: string, more: HubOptions = {}): HubOptions => ({
  cacheDirectory: temporaryFolder(),
  endpoint,
  retryDelay: 1,
  patience: 5_000,
  token: '',
  ...more,
});

/** A hub with something wrong, and what comes of asking it for the model. */
async function meet(options: Partial<FakeHubOptions>, more: HubOptions = {}) {
  const hub = await fakeHub({ files: FILES, ...options });
  const settings = quick(hub.endpoint, more);
  return { hub, settings, get: () => fetchModel('me/tiny', 'main', settings) };
}

const bytesOf = (requests: readonly string[]) => requests.filter((r) => r.startsWith(`/bytes/${WEIGHTS}`));

test('fetches what is needed, tells how far it is, and asks no second time', async () => {
  const seen: FetchProgress[] = [];
  const { hub, get, settings } = await meet({}, { onProgress: (p) => seen.push(p) });
  const folder = await get();
  expect(readdirSync(folder).sort()).toEqual(['.complete', 'config.json', WEIGHTS, 'tokenizer.json']);
  expect(readFileSync(join(folder, WEIGHTS)).equals(BIG)).toBe(true);
  expect((await readModelFolder(folder)).modelType).toBe('gpt2');
  const received = seen.map((p) => p.received);
  expect([...received].sort((a, b) => a - b)).toEqual(received);
  expect(seen.at(-1)).toMatchObject({ received: seen[0].total, total: seen[0].total });
  const asked = hub.requests.length;
  expect([await get(), await fetchModel('me/tiny', COMMIT, { ...settings, offline: true })]).toEqual([folder, folder]);
  expect(hub.requests).toHaveLength(asked);
});

test('a connection that breaks off is taken up where it broke', async () => {
  let broken = 0;
  const { hub, get } = await meet({
    mishaps: {
      [WEIGHTS]: (request, response, content) => {
        if (broken++ >= 3) return undefined;
        serve(request, response, content, true, broken * 50_000);
        return true;
      },
    },
  });
  expect(readFileSync(join(await get(), WEIGHTS)).equals(BIG)).toBe(true);
  const starts = bytesOf(hub.requests).map((r) => Number(/bytes=(\d+)/.exec(r)?.[1] ?? 0));
  // What was sent just before a break may be lost with it.
  expect(starts).toHaveLength(4);
  expect([...starts].sort((a, b) => a - b)).toEqual(starts);
  starts.forEach((start, i) => expect(start).toBeLessThanOrEqual(i * 50_000));
  expect(starts[3]).toBeGreaterThan(0);
});

test('a later run goes on from what an earlier one left', async () => {
  const { hub, settings, get } = await meet({
    mishaps: {
      [WEIGHTS]: (request, response, content) => {
        if (request.headers.range !== undefined) return undefined;
        serve(request, response, content, true, 70_000);
        return true;
      },
    },
  });
  const part = join(settings.cacheDirectory ?? '', 'me--tiny', COMMIT, `${WEIGHTS}.part`);
  mkdirSync(join(part, '..'), { recursive: true });
  writeFileSync(part, BIG.subarray(0, 12_345));
  await get();
  expect(bytesOf(hub.requests)).toEqual([`/bytes/${WEIGHTS} bytes=12345-`]);
  expect(existsSync(part)).toBe(false);
});

test('a hub without ranges sends the file from its beginning', async () => {
  let first = true;
  const { get } = await meet({
    ranges: false,
    mishaps: {
      [WEIGHTS]: (request, response, content) => {
        if (!first) return undefined;
        first = false;
        serve(request, response, content, false, 90_000);
        return true;
      },
    },
  });
  expect(readFileSync(join(await get(), WEIGHTS)).equals(BIG)).toBe(true);
});

test('a left-over part that is whole, too long or wrong comes out right', async () => {
  const wrong = Buffer.from(BIG);
  wrong[1000] ^= 1;
  for (const left of [BIG, Buffer.concat([BIG, BIG]), wrong, wrong.subarray(0, 5000)]) {
    const { settings, get } = await meet({});
    const folder = join(settings.cacheDirectory ?? '', 'me--tiny', COMMIT);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${WEIGHTS}.part`), left);
    expect(readFileSync(join(await get(), WEIGHTS)).equals(BIG)).toBe(true);
  }
});

test('a file with another checksum is refused and not kept', async () => {
  const { hub, settings, get } = await meet({ checksum: 'ab'.repeat(32) });
  expect(await failure(get)).toMatch(
    /^P513: config\.json of the model "me\/tiny" has another checksum than was announced/,
  );
  const folder = join(settings.cacheDirectory ?? '', 'me--tiny', COMMIT);
  expect(readdirSync(folder)).toEqual([]);
  expect(hub.requests.filter((r) => r.startsWith('/bytes'))).toHaveLength(1);
});

test('tries again a bounded number of times, and keeps what came', async () => {
  const { hub, get, settings } = await meet({
    mishaps: {
      [WEIGHTS]: (_, response) => {
        response.writeHead(503, { 'retry-after': '0' }).end();
        return true;
      },
    },
  });
  expect(await failure(get)).toMatch(
    /^P513: the model "me\/tiny" could not be fetched from the hub .*: it answers 503\.$/,
  );
  expect(bytesOf(hub.requests)).toHaveLength(5);
  expect(existsSync(join(settings.cacheDirectory ?? '', 'me--tiny', COMMIT, 'config.json'))).toBe(true);
});

test('a server that stops answering is given up', async () => {
  const silent = await meet({ mishaps: { [WEIGHTS]: () => true } }, { patience: 400 });
  expect(await failure(silent.get)).toMatch(/^P513: .*nothing came for 0\.4 s\.$/);
  const stalled = await meet(
    {
      mishaps: {
        [WEIGHTS]: (request, response, content) => {
          if (request.headers.range !== undefined) return undefined;
          response.writeHead(200, { 'content-length': content.length });
          response.write(content.subarray(0, 10));
          return true;
        },
      },
    },
    { patience: 400 },
  );
  expect(readFileSync(join(await stalled.get(), WEIGHTS)).equals(BIG)).toBe(true);
});

test('a slow server that keeps sending is waited for', async () => {
  const slow = await meet(
    {
      mishaps: {
        [WEIGHTS]: (_, response, content) => {
          response.writeHead(200, { 'content-length': content.length });
          const step = Math.ceil(content.length / 8);
          const send = (at: number): void => {
            if (at >= content.length) response.end();
            else response.write(content.subarray(at, at + step), () => setTimeout(() => send(at + step), 300));
          };
          send(0);
          return true;
        },
      },
    },
    { patience: 2_000 },
  );
  expect(readFileSync(join(await slow.get(), WEIGHTS)).equals(BIG)).toBe(true);
  expect(bytesOf(slow.hub.requests)).toHaveLength(1);
});

const answering = (status: number, code?: string): Partial<FakeHubOptions> => ({
  answer: (_, response) => {
    response.writeHead(status, code === undefined ? {} : { 'x-error-code': code }).end();
    return true;
  },
});

test.each<[string, Partial<FakeHubOptions>, RegExp]>([
  ['an unknown model', answering(404), /^P513: the hub http:.* has no model "me\/tiny"\.$/],
  [
    'an unknown model, asked without a token',
    answering(401, 'RepoNotFound'),
    /^P513: the hub http:.* has no model "me\/tiny"\.$/,
  ],
  ['an unknown revision', answering(404, 'RevisionNotFound'), /^P513: .*has no revision "main" of the model/],
  [
    'a gated model',
    answering(401, 'GatedRepo'),
    /^P513: .*gives the model "me\/tiny" to some only, and no HF_TOKEN is set\.$/,
  ],
  ['a forbidden one', answering(403), /^P513: .*to some only/],
  ['an odd answer', answering(418), /^P513: .*answers 418 to the request/],
  [
    'no JSON',
    { answer: (_, response) => (response.end('<html>'), true) },
    /^P513: .*could not be fetched from the hub/,
  ],
  [
    'other JSON',
    { answer: (_, response) => (response.end('[]'), true) },
    /^P513: .*does not say what the model "me\/tiny" consists of/,
  ],
  [
    'redirects without end',
    { answer: (_, response) => (response.writeHead(302, { location: '/x' }).end(), true) },
    /redirects without end/,
  ],
])('tells of %s', async (_, options, message) => {
  const { get } = await meet(options);
  expect(await failure(get)).toMatch(message);
});

test('weights that would have to be executed are not fetched', async () => {
  const { [WEIGHTS]: _, ...files } = FILES;
  const { hub, get } = await meet({ files });
  expect(await failure(get)).toMatch(
    /^P513: .*no weights as safetensors or ONNX, only pytorch_model\.bin\. Weights are read here, never/,
  );
  expect(hub.requests).toHaveLength(1);
  const without = Object.entries(FILES).filter(([name]) => name !== 'tokenizer.json');
  expect(await failure((await meet({ files: Object.fromEntries(without) })).get)).toMatch(
    /^P513: .*has no tokenizer\.json, without which/,
  );
});

test('the token goes to the hub alone', async () => {
  const other = await fakeHub({ files: FILES });
  const { hub, get } = await meet(
    {
      answer: (request, response) => {
        if (request.url?.includes('/resolve/') !== true) return undefined;
        response
          .writeHead(302, { location: `${other.endpoint}${request.url.replace(/.*\/resolve\/[^/]*/, '/bytes')}` })
          .end();
        return true;
      },
    },
    { token: 'secret' },
  );
  await get();
  expect(new Set(hub.authorizations)).toEqual(new Set(['Bearer secret']));
  expect(new Set(other.authorizations)).toEqual(new Set([undefined]));
});

test('without a network, or with fetching switched off, says so', async () => {
  const settings = quick('http://127.0.0.1:9');
  expect(await failure(() => fetchModel('me/tiny', 'main', settings))).toMatch(
    /^P513: the model "me\/tiny" could not be fetched from/,
  );
  const offline = { ...settings, offline: true };
  expect(await failure(() => fetchModel('me/tiny', 'main', offline))).toBe(
    'P513: the model "me/tiny" is not in the cache, and fetching is switched off.',
  );
});

test('a cache that cannot be written is told', async () => {
  const folder = temporaryFolder({ file: 'x' });
  const hub = await fakeHub({ files: FILES });
  const settings = quick(hub.endpoint, { cacheDirectory: join(folder, 'file', 'hub') });
  expect(await failure(() => fetchModel('me/tiny', 'main', settings))).toMatch(/^P513: cannot write to the cache/);
});

test('several who ask at once fetch once, and a lock whose process is gone is broken', async () => {
  const { hub, settings, get } = await meet({});
  const home = join(settings.cacheDirectory ?? '', 'me--tiny');
  mkdirSync(home, { recursive: true });
  // No process has this number: they end at 2²² on Linux, far earlier elsewhere.
  const { hostname } = await import('node:os');
  writeFileSync(join(home, '.lock'), JSON.stringify({ host: hostname(), process: 2 ** 30 }));
  const folders = await Promise.all([get(), get(), get()]);
  expect(new Set(folders).size).toBe(1);
  expect(bytesOf(hub.requests)).toHaveLength(1);
  expect(readdirSync(home).sort()).toEqual([COMMIT, 'refs']);
  rmSync(home, { recursive: true });
});

test('the environment names the hub, the token and whether to fetch', () => {
  const none = hubSettings({}, {});
  expect(none).toMatchObject({ endpoint: 'https://huggingface.co', token: undefined, offline: false });
  const environment = { HF_ENDPOINT: 'http://mirror/', HF_TOKEN: 't', HF_HUB_OFFLINE: '1' };
  expect(hubSettings({}, environment)).toMatchObject({ endpoint: 'http://mirror', token: 't', offline: true });
  expect(hubSettings({ offline: false, token: 'u' }, environment)).toMatchObject({ token: 'u', offline: false });
  expect(hubSettings({}, { HF_HUB_OFFLINE: '0' }).offline).toBe(false);
});
