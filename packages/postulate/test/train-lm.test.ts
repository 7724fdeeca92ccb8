import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { outcome, post, postJson, scratch, start } from './helpers/command.ts';

const NAMES = ['Ada', 'Bo', 'Cy', 'Dee', 'Eve'];
const PLACES = ['the hill', 'the sea', 'a tree', 'the old house'];
const VERBS = ['saw', 'liked', 'found', 'forgot'];

/** A few hundred sentences, each of its own. */
const sentences = NAMES.flatMap((a) =>
  VERBS.flatMap((v) => PLACES.flatMap((p) => NAMES.map((b) => `${a} ${v} ${p} with ${b}.`))),
);
const corpus = join(scratch, 'corpus.txt');
writeFileSync(corpus, sentences.join('\n'));

const RECIPE = ['--vocabulary', '290', '--width', '16', '--heads', '2', '--layers', '1', '--hidden', '32'];
const SHORT = [...RECIPE, '--batch', '4', '--length', '32', '--rate', '0.01', '--held-out', '0.1'];
const at = (name: string, file = ''): string => join(scratch, name, file);
const lines = (name: string): readonly { step: number; loss: number; num_tokens: number }[] =>
  readFileSync(at(name, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; loss: number; num_tokens: number });

describe('post train-lm', { timeout: 120_000 }, () => {
  it('writes a model that lm reads, its loss curve and its card', async () => {
    const { code, document } = await postJson(['train-lm', corpus, '--out', at('lm'), '--epochs', '6', ...SHORT]);
    expect([code, document['finished']]).toEqual([0, true]);
    const curve = lines('lm');
    expect(curve.map((l) => l.step)).toEqual(Array.from({ length: document['steps'] as number }, (_, i) => i));
    expect(curve[0].loss).toBeGreaterThan(5);
    expect(curve.at(-1)!.loss).toBeLessThan(0.6 * curve[0].loss);
    const bits = document['bitsPerByte'] as number;
    // A uniform law over the 32 or so characters that occur has 5 bits.
    expect(bits).toBeLessThan(4);
    expect(readFileSync(at('lm', 'README.md'), 'utf8')).toContain(`${bits.toFixed(3)} bits a byte`);
    writeFileSync(at('m.post'), 'prior = lm("./lm", max_tokens = 20)\nposterior = prior | contains("a")\n');
    const drawn = await postJson(['sample', at('m.post'), '--engine', 'rejection', '-n', '5']);
    expect(drawn.code).toBe(0);
    expect((drawn.document['draws'] as readonly { text: string }[]).every((d) => d.text.includes('a'))).toBe(true);
  });

  it('interrupted and resumed, comes to the same bytes', async () => {
    const words = ['train-lm', corpus, '--epochs', '12', '--seed', 'b', ...SHORT];
    expect((await post([...words, '--out', at('straight')])).code).toBe(0);
    const child = start([...words, '--out', at('broken')]);
    const metrics = at('broken', 'metrics.jsonl');
    while (!existsSync(metrics) || readFileSync(metrics, 'utf8').split('\n').length < 6) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    child.kill('SIGINT');
    const stopped = await outcome(child);
    expect([stopped.code, stopped.stdout]).toEqual([
      130,
      expect.stringMatching(/stopped at step \d+ of \d+; --resume/),
    ]);
    expect(existsSync(at('broken', 'model.safetensors'))).toBe(false);
    expect(lines('broken').length).toBeLessThan(lines('straight').length);
    expect((await post([...words, '--out', at('broken'), '--resume'])).code).toBe(0);
    for (const file of ['model.safetensors', 'metrics.jsonl', 'tokenizer.json', 'config.json']) {
      expect(readFileSync(at('broken', file)).equals(readFileSync(at('straight', file))), file).toBe(true);
    }
  });

  it('says what is wrong', async () => {
    const failing = async (...words: string[]): Promise<string> => {
      const { code, stderr } = await post(['train-lm', ...words]);
      expect(code).toBeGreaterThan(0);
      return stderr;
    };
    expect(await failing(corpus)).toContain('post train-lm needs --out');
    expect(await failing(corpus, '--out', scratch)).toContain('is there already');
    expect(await failing(corpus, '--out', at('new'), '--resume')).toContain('holds no training to go on with');
    expect(await failing(corpus, '--out', at('new'), '--width', '15')).toContain('even multiple of --heads');
    expect(await failing(at('nothing.txt'), '--out', at('new'))).toMatch(/P500.*no such file/);
    expect(await failing(corpus, '--out', at('straight'), '--resume', ...SHORT, '--seed', 'c')).toContain(
      'other options, another seed or other texts',
    );
    expect(existsSync(at('new'))).toBe(false);
  });
});
