import { expect, test } from 'vitest';
import type { RunningServer } from '../../src/serve/index.ts';
import { LETTERS, serving } from '../support/serving.ts';

const END = 3;

async function ask(server: RunningServer, path: string, body?: unknown) {
  const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(server.url + path, init);
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

const complete = async (server: RunningServer, body: object) => (await ask(server, '/v1/completions', body)).body;

test('tells its model, its health and its tokens', async () => {
  const server = await serving(LETTERS(20));
  expect(await ask(server, '/health')).toEqual({ status: 200, body: null });
  const { body } = await ask(server, '/v1/models');
  expect(body).toMatchObject({ object: 'list', data: [{ id: 'letters', object: 'model', max_model_len: 21 }] });
  expect((await ask(server, '/vocabulary')).body).toMatchObject({ tokens: ['a', 'b', 'c'], separator: '', end: END });
  expect((await ask(server, '/tokenize', { prompt: 'abc' })).body).toMatchObject({ count: 4, tokens: [END, 0, 1, 2] });
  expect((await ask(server, '/detokenize', { tokens: [2, 0, 1] })).body).toEqual({ prompt: 'cab' });
});

test('completes token ids, with log-probabilities of what it chose', async () => {
  const server = await serving(LETTERS(20));
  const body = {
    model: 'letters',
    prompt: [[END], [END, 0]],
    n: 3,
    max_tokens: 4,
    logprobs: 2,
    return_token_ids: true,
    seed: 5,
  };
  const answer = await complete(server, body);
  expect(answer.choices.map((c: { index: number }) => c.index)).toEqual([0, 1, 2, 3, 4, 5]);
  const table = LETTERS(20).table!;
  expect(table).toBeDefined();
  for (const choice of answer.choices) {
    const ids: number[] = choice.token_ids;
    const ended = choice.finish_reason === 'stop';
    expect(ended ? ids.at(-1) === END : ids.length === 4).toBe(true);
    expect(choice.text).toBe(ids.filter((w) => w !== END).map((w) => 'abc'[w]).join('')); // prettier-ignore
    expect(choice.logprobs.token_logprobs).toHaveLength(ids.length);
    choice.logprobs.top_logprobs.forEach((top: object) => expect(Object.keys(top).length).toBeGreaterThanOrEqual(2));
  }
  expect(await complete(server, body)).toMatchObject({ choices: answer.choices });
  const other = await complete(server, { ...body, seed: 6 });
  expect(other.choices).not.toEqual(answer.choices);
});

test('scores prompts, and echoes them', async () => {
  const server = await serving(LETTERS(20));
  const [choice] = (await complete(server, { prompt: [END, 0, 1, END], max_tokens: 1, prompt_logprobs: 0 })).choices;
  const [none, a, b, end] = choice.prompt_logprobs;
  expect(none).toBeNull();
  expect(a['0']).toMatchObject({ logprob: Math.log(0.5), rank: 1, decoded_token: 'a' });
  expect(b['1'].logprob).toBeCloseTo(Math.log(0.5), 12);
  expect(end['3'].logprob).toBeCloseTo(Math.log(0.3), 12);
  const [echoed] = (await complete(server, { prompt: 'ab', echo: true, logprobs: 0, max_tokens: 0 })).choices;
  expect(echoed.text).toBe('ab');
  expect(echoed.logprobs.token_logprobs[2]).toBeCloseTo(Math.log(0.5), 12);
});

test('tells the law that it draws from where that is asked of it', async () => {
  const body = {
    prompt: [END],
    max_tokens: 1,
    logprobs: 3,
    temperature: 0.5,
    top_k: 2,
    return_tokens_as_token_ids: true,
  };
  const topOf = async (server: RunningServer) => (await complete(server, body)).choices[0].logprobs.top_logprobs[0];
  const raw = await topOf(await serving(LETTERS(20)));
  expect(raw['token_id:0']).toBeCloseTo(Math.log(0.5), 12);
  const processed = await topOf(await serving(LETTERS(20), { logprobsMode: 'processed_logprobs' }));
  expect(processed['token_id:0']).toBeCloseTo(Math.log(0.25 / 0.34), 12);
  expect(Object.keys(processed)).toHaveLength(2);
});

test('stops at a text, and takes the likeliest token at temperature 0', async () => {
  const server = await serving(LETTERS(20));
  const [choice] = (await complete(server, { prompt: [END], temperature: 0, max_tokens: 9, stop: ['ba'] })).choices;
  expect(choice).toMatchObject({ text: 'a', finish_reason: 'stop', stop_reason: 'ba' });
});

test.each([
  ['no prompt', {}, 400, 'prompt must be a text, token ids, or a list of either, and not empty'],
  ['an empty prompt', { prompt: [] }, 400, 'prompt must be a text'],
  ['an unknown token', { prompt: [7] }, 400, 'the model has no token 7: ids are at most 3'],
  ['an unknown letter', { prompt: 'axb' }, 400, 'the model has no token "x"'],
  [
    'a bad temperature',
    { prompt: [3], temperature: -1 },
    400,
    'temperature must be a number from 0 to 2, but it is -1',
  ],
  ['too many log-probabilities', { prompt: [3], logprobs: 21 }, 400, 'tells at most 20 (--max-logprobs)'],
  ['too long a text', { prompt: [3], max_tokens: 21 }, 400, "this model's maximum context length is 21 tokens"],
  ['another model', { prompt: [3], model: 'gpt' }, 404, 'the model "gpt" does not exist'],
  ['a grammar', { prompt: [3], structured_outputs: { regex: 'a' } }, 400, 'structured_outputs is not served here'],
  ['greedy completions', { prompt: [3], temperature: 0, n: 2 }, 400, 'n must be 1 at temperature 0'],
])('refuses %s', async (_, body, status, message) => {
  const server = await serving(LETTERS(20));
  const answer = await ask(server, '/v1/completions', body);
  expect(answer.status).toBe(status);
  expect(answer.body.error).toMatchObject({ code: status });
  expect(answer.body.error.message).toContain(message);
});

test('answers what is not there or not JSON with an error, writes a line a request, and ends when told', async () => {
  const lines: string[] = [];
  const server = await serving(LETTERS(20), { log: (line) => lines.push(line) });
  expect((await ask(server, '/v2/anything')).status).toBe(404);
  expect((await ask(server, '/v1/completions')).status).toBe(405);
  const bad = await fetch(`${server.url}/v1/completions`, { method: 'POST', body: '{' });
  expect(await bad.json()).toMatchObject({
    error: { message: 'the body is not JSON', type: 'BadRequestError', code: 400 },
  });
  await ask(server, '/v1/completions', { prompt: [END], max_tokens: 3, n: 2 });
  expect(lines).toHaveLength(4);
  expect(lines[3]).toMatch(/^POST \/v1\/completions 200 \d+ ms 2 x, 1 \+ \d tokens$/);
  await server.close();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
});
