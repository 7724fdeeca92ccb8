import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { encodeOnnx } from '../../src/export/onnx/index.ts';
import { packSequences } from '../../src/index.ts';
import { bindLm } from '../../src/lm/bind-lm.ts';
import { huggingFaceConfig } from '../../src/transformer/hugging-face-config.ts';
import { failure, temporaryFolder } from '../priors/support.ts';
import { seededChooser } from '../priors/seeded-chooser.ts';
import { referenceLaws, TINY_CONFIGS, TINY_END, TINY_TOKENIZER, tinyWeights } from '../support/tiny-decoders.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'postulate-onnx-'));
afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

function written(family: 'gpt2' | 'llama') {
  const config = TINY_CONFIGS[family];
  const weights = tinyWeights(config);
  const path = join(FOLDER, family);
  mkdirSync(join(path, 'onnx'), { recursive: true });
  writeFileSync(join(path, 'onnx', 'model.onnx'), encodeOnnx(config, weights));
  writeFileSync(join(path, 'config.json'), JSON.stringify(huggingFaceConfig(config, TINY_END, 'float32')));
  writeFileSync(join(path, 'tokenizer.json'), JSON.stringify(TINY_TOKENIZER));
  return { path, config, weights };
}

describe.each(['gpt2', 'llama'] as const)('a %s model as ONNX, run by transformers.js', (family) => {
  const FILE = written(family);
  const open = (shaping = {}, runtime?: string) =>
    bindLm({ source: FILE.path, maxTokens: 8, prompt: undefined, shaping }, '/', { runtime });

  test('gives the laws that the definition gives, through resampling', async () => {
    const model = await open();
    const session = model.open(3);
    const steps = [[40, 7, 99], [260, 12, 65], [3, 4, 5]]; // prettier-ignore
    let read: number[][] = [[TINY_END], [TINY_END], [TINY_END]];
    for (const tokens of steps) {
      await session.advance(Int32Array.from(tokens));
      read = read.map((r, i) => [...r, tokens[i]]);
      session.reorder(Int32Array.of(2, 2, 0));
      read = [read[2], read[2], read[0]];
    }
    const width = model.vocabulary.size + 1;
    read.forEach((ids, i) => {
      const expected = referenceLaws(FILE.config, FILE.weights, ids).at(-1)!;
      for (let w = 0; w < width; w++) {
        const x = session.logProbs[i * width + w];
        if (expected[w] > -Infinity) expect(Math.abs(x - expected[w])).toBeLessThan(1e-4);
      }
    });
    const score = await model.logProb(packSequences([[40, 7], [99, 12, 5]], [true, true])); // prettier-ignore
    const laws = referenceLaws(FILE.config, FILE.weights, [TINY_END, 40, 7]);
    expect(score[0]).toBeCloseTo(laws[0][40] + laws[1][7] + laws[2][TINY_END + 1], 4);
  });

  test.each([{}, { temperature: 0.7 }, { temperature: 0.7, topK: 20, topP: 0.9 }])(
    'draws what it scores, %j',
    async (shaping) => {
      const model = await open(shaping);
      const drawn = await model.sample(40, seededChooser(8));
      const scores = await model.logProb(drawn);
      drawn.logProbs.forEach((x, i) => expect(Math.abs(x - scores[i])).toBeLessThan(1e-5));
    },
  );

  test('is not for other runtimes', async () => {
    expect(await failure(() => open({}, 'onnx'))).toBe('P533: the runtime onnx cannot evaluate a model folder.');
    expect(await failure(() => open({}, 'llama-cpp'))).toMatch(/^P533: the runtime llama-cpp cannot evaluate/);
    expect(await failure(() => open({}, 'mlx'))).toMatch(/^P532: there is no runtime called "mlx"/);
  });
});

test('a damaged export is told', async () => {
  const folder = temporaryFolder({
    'config.json': JSON.stringify(huggingFaceConfig(TINY_CONFIGS.llama, TINY_END, 'float32')),
    'tokenizer.json': JSON.stringify(TINY_TOKENIZER),
  });
  mkdirSync(join(folder, 'onnx'));
  writeFileSync(join(folder, 'onnx', 'model.onnx'), 'no model');
  const open = bindLm({ source: folder, maxTokens: 8, prompt: undefined, shaping: {} }, '/', {});
  expect(await failure(() => open)).toMatch(/^P520: .*the ONNX export cannot be loaded/);
});
