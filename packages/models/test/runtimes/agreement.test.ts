import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeGguf } from '../../src/export/gguf/index.ts';
import { encodeOnnx } from '../../src/export/onnx/index.ts';
import { packSequences } from '../../src/index.ts';
import { bindLm } from '../../src/lm/bind-lm.ts';
import { openFolder } from '../../src/lm/open-folder.ts';
import type { TokenizerJson } from '../../src/tokenizer/index.ts';
import { causalDecoder } from '../../src/transformer/causal-decoder.ts';
import { Decoder } from '../../src/transformer/decoder.ts';
import { runtimeOf } from '../tensor/runtimes.ts';

const SHIPPED = join(import.meta.dirname, '..', '..', 'tiny-english');
const FOLDER = mkdtempSync(join(tmpdir(), 'postulate-agree-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));
const TEXTS = [
  'Once upon a time there was a king.',
  'She did not know what to say, so she said nothing at all.',
  'Paris',
];

test('the shipped model on two runtimes, its ONNX export and its GGUF files give texts the same log-probability', async () => {
  const { decoder, end, encode } = await openFolder(SHIPPED, {});
  const { config, weights } = decoder!;
  const tokenizer = JSON.parse(readFileSync(join(SHIPPED, 'tokenizer.json'), 'utf8')) as TokenizerJson;
  const model = { name: 'tiny-english', config, weights, tokenizer, end };
  for (const type of ['f32', 'f16'] as const) writeFileSync(join(FOLDER, `${type}.gguf`), encodeGguf(model, type));
  const onnx = join(FOLDER, 'export');
  mkdirSync(join(onnx, 'onnx'), { recursive: true });
  writeFileSync(join(onnx, 'onnx', 'model.onnx'), encodeOnnx(config, weights));
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(SHIPPED, name), join(onnx, name));

  const ids = await Promise.all(TEXTS.map((text) => encode(text)));
  const batch = packSequences(ids, ids.map(() => true)); // prettier-ignore
  const scores = async (source: string): Promise<Float64Array> => {
    const prior = await bindLm({ source, maxTokens: 40, prompt: undefined, shaping: {} }, '/', {});
    return prior.logProb(batch);
  };
  const expected = await scores(SHIPPED);
  expect(Math.max(...expected)).toBeLessThan(-5);
  const tensorflow = causalDecoder(new Decoder(await runtimeOf('tfjs wasm'), config, weights, end), 'tfjs');
  const there = await tensorflow.score!(Int32Array.of(end), batch);
  there.forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(1e-3));
  for (const source of [onnx, join(FOLDER, 'f32.gguf'), join(FOLDER, 'f16.gguf')]) {
    // llama.cpp multiplies 16-bit weights by activations that it rounds to 16 bits: 1e-3 a token there, 1e-3 a text elsewhere.
    const tokens = (i: number): number => (source.endsWith('f16.gguf') ? ids[i].length : 1);
    (await scores(source)).forEach((x, i) => expect(Math.abs(x - expected[i])).toBeLessThan(1e-3 * tokens(i)));
  }
});
