import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeTinyFolder } from '../../models/test/support/tiny-folder.ts';
import { load } from '../src/index.ts';
import { post, postJson, scratch } from './helpers/command.ts';

const at = (name: string): string => join(scratch, name);
beforeAll(() => writeTinyFolder(at('tiny'), 'llama'));

/** Log-probabilities of the same texts under the model of `source`: those that a seed draws from the first. */
async function draws(source: string) {
  const path = at(`${source.replaceAll(/\W/g, '')}.post`);
  writeFileSync(path, `prior = lm("./${source}", max_tokens = 6)\nposterior = prior | not contains("q")\n`);
  const { draws: found } = await (await load(path)).posterior().run({ engine: 'rejection', n: 10, seed: 'x' });
  return found;
}

const missing = (peer: string): Promise<boolean> =>
  import(/* @vite-ignore */ peer).then(
    () => false,
    () => true,
  );

describe('post export', { timeout: 60_000 }, () => {
  it.for([
    ['tiny.gguf', 'node-llama-cpp', ['--type', 'f32']],
    ['tiny-onnx', '@huggingface/transformers', []],
  ] as const)('writes what another runtime gives the same laws of: %s', async ([out, peer, words], { skip }) => {
    skip(await missing(peer), `${peer} is not installed`);
    const { code, document } = await postJson(['export', at('tiny'), '--out', at(out), ...words]);
    expect(code).toBe(0);
    for (const file of document['files'] as readonly string[]) expect(existsSync(file), file).toBe(true);
    const [here, there] = [await draws('tiny'), await draws(out)];
    expect(here.length).toBeGreaterThan(5);
    expect(there.map((d) => d.text)).toEqual(here.map((d) => d.text));
    there.forEach((d, i) => expect(Math.abs(d.logPrior - here[i].logPrior)).toBeLessThan(1e-3));
  });

  it('says what is wrong', async () => {
    const failing = async (...words: string[]): Promise<string> => {
      const { code, stderr } = await post(['export', ...words]);
      expect(code).toBeGreaterThan(0);
      return stderr;
    };
    expect(await failing(at('tiny'))).toContain('post export needs --out');
    expect(await failing(at('tiny'), '--out', at('x'), '--format', 'bin')).toContain('--format is gguf or onnx');
    expect(await failing(at('tiny'), '--out', at('x'), '--type', 'f16')).toContain('ONNX exports are f32');
    expect(await failing('http://127.0.0.1:9', '--out', at('x.gguf'))).toMatch(/P533/);
    expect(existsSync(at('x'))).toBe(false);
  });
});
