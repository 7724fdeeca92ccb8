import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { describeFolder, readModelFolder } from '../../src/index.ts';
import { failure, temporaryFolder } from '../priors/support.ts';
import { TINY_SIZE, tinyFiles } from './tiny-folder.ts';

test('a model folder gives its configuration, tokenizer and weights', async () => {
  const folder = await readModelFolder(temporaryFolder(tinyFiles()));
  expect(folder).toMatchObject({ modelType: 'gpt2', vocabularySize: TINY_SIZE, config: { vocab_size: TINY_SIZE } });
  expect(folder.tokenizer.special.ends).toEqual([TINY_SIZE - 1]);
  expect(await folder.weights.read('wte.weight')).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(folder.files.map((file) => basename(file))).toEqual(['config.json', 'tokenizer.json', 'model.safetensors']);
});

test('the id is that of the content', async () => {
  const idOf = async (change: Readonly<Record<string, string | Uint8Array>>) =>
    (await readModelFolder(temporaryFolder({ ...tinyFiles(), ...change }))).id;
  const id = await idOf({});
  expect(await idOf({ 'README.md': 'not read' })).toBe(id);
  expect(await idOf({ 'generation_config.json': '{"eos_token_id": 3}' })).not.toBe(id);
  const weights = Buffer.from(tinyFiles()['model.safetensors'] as Uint8Array);
  weights[weights.length - 1] ^= 1;
  expect(await idOf({ 'model.safetensors': weights })).not.toBe(id);
});

test('a folder without weights can be described', async () => {
  const { 'model.safetensors': _, ...files } = tinyFiles();
  const folder = temporaryFolder(files);
  expect((await describeFolder(folder)).vocabularySize).toBe(TINY_SIZE);
  expect(await failure(() => readModelFolder(folder))).toMatch(/^P511: .*has no weights/);
});

test.each<[string, Readonly<Record<string, string | undefined>>, RegExp]>([
  ['no configuration', { 'config.json': undefined }, /^P511: the model folder ".*" has no config\.json\.$/],
  ['no tokenizer', { 'tokenizer.json': undefined }, /^P511: the model folder ".*" has no tokenizer\.json\.$/],
  [
    'an old tokenizer',
    { 'tokenizer.json': undefined, 'tokenizer.model': 'x' },
    /has no tokenizer\.json, only tokenizer\.model\.$/,
  ],
  ['broken JSON', { 'config.json': '{' }, /^P511: ".*config\.json" is not JSON/],
  ['a list', { 'tokenizer.json': '[]' }, /^P511: ".*tokenizer\.json" does not hold a JSON object/],
  ['no text', { 'config.json': '\ud800' }, /^P511: ".*config\.json" is not JSON/],
  [
    'no kind',
    { 'config.json': '{"vocab_size": 9999}' },
    /^P511: ".*config\.json": `model_type` is undefined, not a string\.$/,
  ],
  [
    'no size',
    { 'config.json': '{"model_type": "gpt2"}' },
    /^P511: ".*config\.json": `vocab_size` is undefined, not a positive/,
  ],
  [
    'fewer tokens than the tokenizer',
    { 'config.json': '{"vocab_size": 100}' },
    /^P512: ".*tokenizer\.json" has the token .* 100 tokens only/,
  ],
])('a folder with %s is refused', async (_, change, message) => {
  const files = Object.entries({ ...tinyFiles(), ...change }).filter(
    (entry): entry is [string, string | Uint8Array] => entry[1] !== undefined,
  );
  expect(await failure(() => readModelFolder(temporaryFolder(Object.fromEntries(files))))).toMatch(message);
});

test('a folder that is not there is told', async () => {
  expect(await failure(() => readModelFolder('/no/such'))).toBe('P511: there is no model folder "/no/such".');
});
