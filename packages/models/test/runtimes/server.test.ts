import { describe, expect, test } from 'vitest';
import { type LanguageModel, packSequences } from '../../src/index.ts';
import { shaped, type Shaping } from '../../src/priors/shaping.ts';
import { connect, serverPrior } from '../../src/runtimes/server/index.ts';
import { failure, listSequences } from '../priors/support.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { fakeServer, LETTERS, proxy, serving } from '../support/serving.ts';
import { fakeLlamaServer } from '../support/fake-llama-server.ts';
import type { ServeOptions } from '../../src/serve/index.ts';

const T = 5;
const QUICK = { retries: 2, pause: 1, timeout: 5_000 };
const WARM: Shaping = { temperature: 0.7, topK: 3, topP: 0.9 };
const PROCESSED: Partial<ServeOptions> = { logprobsMode: 'processed_logprobs' };

async function remote(options: Partial<ServeOptions>, shaping: Shaping = {}, prompt = ''): Promise<LanguageModel> {
  const server = await serving(LETTERS(24), options);
  return serverPrior(await connect(server.url, QUICK), { maxTokens: T, prompt, shaping });
}

describe.each([
  ['whole laws of the model', { maxLogprobs: -1 }, {}],
  ['whole laws, bent here', { maxLogprobs: -1 }, WARM],
  ['whole laws, bent there', { maxLogprobs: -1, ...PROCESSED }, WARM],
  ['draws alone', { maxLogprobs: 2 }, {}],
  ['bent draws alone', { maxLogprobs: 2, ...PROCESSED }, WARM],
])('a server that tells %s', (_, options, shaping) => {
  test('draws what the same prior here scores', async () => {
    const drawn = await (await remote(options, shaping)).sample(150, seededChooser(2));
    const here = await shaped(LETTERS(T), shaping).logProb(drawn);
    drawn.logProbs.forEach((x, i) => expect(Math.abs(x - here[i])).toBeLessThan(1e-5));
    const lengths = Array.from({ length: 150 }, (_v, i) => drawn.offsets[i + 1] - drawn.offsets[i]);
    expect(Math.max(...lengths)).toBe(T);
    expect(drawn.finished.some((f) => f === 1)).toBe(true);
  });

  test('scores all sequences to a mass of 1, or says why it cannot', async () => {
    const model = await remote(options, shaping);
    const { batch, logProbs } = listSequences(shaped(LETTERS(T), shaping));
    const some = packSequences([[0, 1], [0, 1, 2, 0, 1], [0, 1], [3]], [true, false, false, true]);
    if (model.lacks?.has('completeScore')) {
      expect(await failure(() => model.logProb(some))).toBe(
        'P534: the server cannot score given texts under this law.',
      );
      return;
    }
    const scores = await model.logProb(batch);
    expect(Math.abs(scores.reduce((sum, x) => sum + Math.exp(x), 0) - 1)).toBeLessThan(1e-6);
    scores.forEach((x, i) => expect(x).toBeCloseTo(logProbs[i], 6));
    expect((await model.logProb(some))[2]).toBe(-Infinity);
  });
});

test('a prompt goes before the texts and is no part of them', async () => {
  const model = await remote({ maxLogprobs: -1 }, {}, 'ab');
  expect(Array.from(model.open(1).logProbs, Math.exp).map((x) => Number(x.toFixed(6)))).toEqual([0.4, 0.1, 0.2, 0.3]);
});

test('sessions go on through resampling', async () => {
  const model = await remote({ maxLogprobs: -1 });
  const session = model.open(3);
  await session.advance(Int32Array.of(0, 1, 2));
  session.reorder(Int32Array.of(2, 2, 0));
  expect(Array.from(session.logProbs.slice(0, 4), Math.exp)[0]).toBeCloseTo(0.25, 9);
  await session.advance(Int32Array.of(1, 0, 1));
  expect(Array.from(session.logProbs, Math.exp).map((x) => Number(x.toFixed(6)))).toEqual([
    0.4, 0.1, 0.2, 0.3, 0.1, 0.5, 0.2, 0.2, 0.4, 0.1, 0.2, 0.3,
  ]);
});

test('what a server can do is found out by asking', async () => {
  const found = async (options: Partial<ServeOptions>) => {
    const messages: string[] = [];
    const server = await serving(LETTERS(24), options);
    const { abilities } = await connect(server.url, { ...QUICK, onProgress: (m) => messages.push(m) });
    expect(messages[0]).toContain(`${server.url}: vLLM; log-probabilities are `);
    return abilities;
  };
  expect(await found({ maxLogprobs: -1 })).toMatchObject({ next: 'all', semantics: 'raw', score: true });
  expect(await found({ maxLogprobs: 1 })).toMatchObject({ next: 1, semantics: 'raw', score: true });
  expect(await found(PROCESSED)).toMatchObject({ next: 'all', semantics: 'truncated', score: true });
});

test('truncated laws: engines that need whole ones are refused, and draws without a known density', async () => {
  const model = await remote({ maxLogprobs: 2 });
  expect([...model.capabilities]).toEqual(['sample', 'completeScore']);
  expect(model.lacks?.get('nextTokenScores')).toBe(
    'the server tells only the 1 likeliest tokens of each next-token law (start it with --max-logprobs -1)',
  );
  expect(await failure(() => model.open(1))).toMatch(/^P534: the server tells only the 1 likeliest/);
  expect(await failure(() => remote({ maxLogprobs: 2 }, { temperature: 0.7, topP: 0.9 }))).toBe(
    "P534: the server's draws have no known density under `temperature` and `top_p`: the log-probabilities that it reports are the model's own, before that.",
  );
  expect(await failure(() => remote({ maxLogprobs: 2, ...PROCESSED }, { temperature: 3 }))).toMatch(
    /it draws at temperatures up to 2 only\.$/,
  );
});

describe('bad servers', () => {
  const reach = (url: string, options = {}) => failure(() => connect(url, { ...QUICK, ...options }));

  test('none at all', async () => {
    const gone = await serving(LETTERS(24));
    await gone.close();
    expect(await reach(gone.url)).toBe(`P530: the server at ${gone.url}/props fails: nothing listens there (3 tries).`);
    expect(await reach('no address')).toBe('P307: "no address" is not the address of a server.');
  });

  test('one that fails is asked a bounded number of times, and may recover', async () => {
    const failing = await fakeServer((_, response) => response.writeHead(503).end('{"error":{"message":"loading"}}'));
    expect(await reach(failing.url)).toMatch(/^P530: .* fails: status 503: loading \(3 tries\)\.$/);
    expect(failing.asked()).toBe(3);
    const flaky = await proxy(
      (await serving(LETTERS(24))).url,
      (answer) => answer,
      (response, nth) => {
        if (nth % 3 === 1) response.writeHead(429, { 'retry-after': '0' }).end();
        if (nth % 3 === 2) response.destroy();
        return nth % 3 !== 0;
      },
    );
    const model = await serverPrior(await connect(flaky, QUICK), { maxTokens: T });
    expect((await model.sample(10, seededChooser(1))).size).toBe(10);
  });

  test('one whose completions are refused', async () => {
    const { url } = await serving(LETTERS(24));
    const strict = await proxy(
      url,
      (answer) => answer,
      (response, _nth, path) => {
        if (path === '/v1/completions') response.writeHead(401).end('{"error":"who are you?"}');
        return path === '/v1/completions';
      },
    );
    expect(await reach(strict)).toMatch(/^P531: .* refuses \/v1\/completions \(status 401\): who are you\?$/);
  });

  test('one that is slow, and one that is slow while the run is stopped', async () => {
    const silent = await fakeServer(() => undefined);
    expect(await reach(silent.url, { timeout: 60, retries: 1 })).toMatch(
      /fails: no answer within 0\.06 s \(2 tries\)\.$/,
    );
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    expect(await reach(silent.url, { signal: controller.signal })).toMatch(/^P902: interrupted while waiting/);
  });

  test('one that answers with something else', async () => {
    const page = await fakeServer((_, response) => response.end('<html>welcome</html>'));
    expect(await reach(page.url)).toMatch(/^P531: .* answered with what is not JSON: "<html>welcome<\/html>"$/);
    expect(page.asked()).toBe(1);
    const odd = await fakeServer((request, response) => {
      if (request.url === '/v1/models') response.end('{"data":7}');
      else response.writeHead(404).end('{}');
    });
    expect(await reach(odd.url)).toMatch(/answers what cannot be used: data should be a list, but is 7\.$/);
  });
});

test('answers that are cut or made up are refused', async () => {
  const real = await serving(LETTERS(24), { maxLogprobs: -1 });
  let spoil = (answer: { choices: Record<string, unknown>[] }): unknown => answer;
  const between = await proxy(real.url, (answer) => spoil(answer));
  const model = await serverPrior(await connect(between, QUICK), { maxTokens: T });
  const drawn = () => failure(() => model.sample(3, seededChooser(1)));
  spoil = (a) => ({ choices: a.choices.slice(1) });
  expect(await drawn()).toMatch(/^P531: .*choices should be a list of 3/);
  spoil = (a) => ({ choices: a.choices.map((c) => ({ ...c, token_ids: [99] })) });
  expect(await drawn()).toMatch(/choices\[0\]\.token_ids\[0\] should be a token id below 4, but is 99\.$/);
  spoil = (a) => ({ choices: a.choices.map((c) => ({ ...c, logprobs: null })) });
  expect(await drawn()).toMatch(/choices\[\d\]\.logprobs should be an object, but is null\.$/);
  spoil = (a) => ({ choices: a.choices.map((c) => ({ ...c, token_ids: [0, 1], finish_reason: 'stop', logprobs: { token_logprobs: [-1, -1] } })) }); // prettier-ignore
  expect(await drawn()).toMatch(/ended a text at token 1 \("b"\), but texts end at 3 \(""\)\.$/);
  spoil = (a) => ({ choices: a.choices.map((c) => ({ ...c, logprobs: { top_logprobs: [{ 'token_id:0': -0.5 }] } })) });
  const session = model.open(1);
  expect(await failure(() => session.advance(Int32Array.of(0)))).toMatch(/a law over all tokens sums to 0\.6065\.$/);
});

test("llama-server's own protocol: whole laws, draws at a temperature, no scores of given texts", async () => {
  const { url } = await fakeLlamaServer(LETTERS(24));
  const dialect = await connect(url, QUICK);
  expect(dialect).toMatchObject({
    kind: 'llama-server',
    end: 3,
    positions: 63,
    abilities: { next: 'all', score: false },
  });
  expect(dialect.vocabulary.tokens).toEqual(['a', 'b', 'c', '</s>']);
  expect([...(await dialect.encode('ab'))]).toEqual([3, 0, 1]);
  for (const shaping of [{}, { temperature: 0.6 }, WARM]) {
    const model = await serverPrior(dialect, { maxTokens: T, shaping });
    const drawn = await model.sample(40, seededChooser(4));
    const here = await shaped(LETTERS(T), shaping).logProb(drawn);
    const scores = await model.logProb(drawn);
    drawn.logProbs.forEach((x, i) => expect(x).toBeCloseTo(here[i], 6));
    scores.forEach((x, i) => expect(x).toBeCloseTo(here[i], 6));
  }
});
