import { once } from 'node:events';
import { cpSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { LETTERS, serving } from '../../models/test/support/serving.ts';
import { writeTinyFolder } from '../../models/test/support/tiny-folder.ts';
import { postJson, scratch } from './helpers/command.ts';

const at = (name: string, file = ''): string => join(scratch, name, file);

/** A copy of the whole folder with something wrong. */
function spoilt(name: string, spoil: (file: (name: string) => string) => void): void {
  cpSync(at('tiny'), at(name), { recursive: true });
  spoil((file) => at(name, file));
}

function edit(path: string, change: (json: Record<string, never>) => unknown): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, never>;
  writeFileSync(path, JSON.stringify(change(json)));
}

beforeAll(async () => {
  await writeTinyFolder(at('tiny'));
  const bytes = readFileSync(at('tiny', 'model.safetensors'));
  spoilt('cut', (file) => truncateSync(file('model.safetensors'), bytes.length - 10));
  spoilt('empty', (file) => truncateSync(file('model.safetensors'), 0));
  spoilt('noise', (file) => writeFileSync(file('model.safetensors'), Buffer.alloc(bytes.length, 0xa5)));
  spoilt('nan', (file) => writeFileSync(file('model.safetensors'), Buffer.concat([bytes.subarray(0, -4), Buffer.from([0, 0, 0xc0, 0x7f])]))); // prettier-ignore
  spoilt('tokenizer', (file) => edit(file('config.json'), (json) => ({ ...json, vocab_size: 50 })));
  spoilt('tokens', (file) => writeFileSync(file('tokenizer.json'), '{"model": '));
  spoilt('config', (file) => edit(file('config.json'), (json) => ({ ...json, model_type: 'mamba' })));
  spoilt('width', (file) => edit(file('config.json'), (json) => ({ ...json, n_layer: 3 })));
});

/** A port that nothing listens on, all but surely. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function failing(source: string, words: readonly string[] = [], more = ''): Promise<string> {
  const path = at('bad.post');
  writeFileSync(path, `prior = lm("${source}", max_tokens = 6${more})\nposterior = prior | contains("a")\n`);
  const { code, document, stderr } = await postJson(['sample', path, '-n', '3', '--quiet', ...words]);
  const { error } = document as { readonly error: { readonly code: string; readonly message: string } };
  expect(stderr).toBe('');
  expect(error.message).not.toContain('should not have happened');
  return `${code} ${error.code}: ${error.message}`;
}

describe('a model that cannot be used is an error that says why', { timeout: 60_000 }, () => {
  it.each([
    ['weights that are cut off', './cut', /^3 P510: .*model\.safetensors/],
    ['an empty file of weights', './empty', /^3 P510: .*model\.safetensors/],
    ['weights that are noise', './noise', /^3 P510: .*model\.safetensors/],
    ['a tokenizer of another size', './tokenizer', /^3 P512: /],
    ['a tokenizer that is cut off', './tokens', /^3 P51[0-2]: .*tokenizer\.json/],
    ['an architecture that is none of ours', './config', /^1 P520: .*"mamba"/],
    ['a configuration with more layers than weights', './width', /^3 P511: .*transformer\.h\.2/],
    ['a folder that is not there', './nowhere', /^3 P5\d\d: .*nowhere/],
  ])('%s', async (_what, source, wanted) => {
    expect(await failing(source)).toMatch(wanted);
  });

  it('a model of the hub without a network', async () => {
    expect(await failing('someone/something', ['--offline'])).toMatch(/^3 P513: .*someone\/something/);
  });

  it('a server that is not there', async () => {
    expect(await failing(`http://127.0.0.1:${await freePort()}`)).toMatch(/^3 P530: .*nothing listens there/);
  });

  it('a server that tells too little for an engine', async () => {
    const { url } = await serving(LETTERS(24), { maxLogprobs: 2 });
    expect(await failing(url, ['--engine', 'smc'])).toMatch(
      /^1 P600: the engine smc cannot run posterior: .*no next-token law.* 1 likeliest tokens/,
    );
    expect(await failing(url, ['--engine', 'rejection'], ', temperature = 0.7')).toMatch(/^3 P534: .*no known density/);
  });

  it('texts that are longer than it reads', async () => {
    const prompt = 'the cat sat on the mat, and that is that, and so on. '.repeat(4);
    expect(await failing('./tiny', [], `, prompt = "${prompt}"`)).toMatch(/^1 P307: .*reads at most 64 tokens/);
  });

  it('weights that are no numbers', async () => {
    expect(await failing('./nan')).toMatch(/^3 P510: .* is damaged: its number \d+ is NaN/);
  });
});
