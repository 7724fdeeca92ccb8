import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { type ArrayStore, fileStore, noStore, storeKey } from '../../src/cache/array-store.ts';
import { packArrays, unpackArrays } from '../../src/cache/array-file.ts';
import { ngram } from '../../src/priors/ngram/ngram.ts';
import { failure, temporaryFolder } from './support.ts';

const TEXTS = ['a b a', 'b a', 'so it goes 𝄞'];

/** Trains or loads; says which. */
async function train(store: ArrayStore, texts: readonly string[] = TEXTS) {
  const progress: string[] = [];
  const corpus = { name: 'lines', parts: texts, examples: () => texts };
  const model = await ngram(corpus, { order: 3, level: 'word', maxTokens: 5 }, store, (m) => progress.push(m));
  return { model, trained: progress.length === 1 };
}

function store(folder: string, warnings: Diagnostic[] = []): ArrayStore {
  return fileStore(folder, (d) => warnings.push(d));
}

describe('the cache of trained models', () => {
  test('gives back the same model without training', async () => {
    const folder = join(temporaryFolder(), 'not', 'there', 'yet');
    const first = await train(store(folder));
    const second = await train(store(folder));
    expect([first.trained, second.trained]).toEqual([true, false]);
    expect(second.model.table).toEqual(first.model.table);
    expect(second.model.vocabulary).toEqual(first.model.vocabulary);
    expect(second.model.id).toBe(first.model.id);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  test('knows other texts and other options apart', async () => {
    const folder = temporaryFolder();
    await train(store(folder));
    expect((await train(store(folder), ['a b a', 'b', 'a'])).trained).toBe(true);
    expect(storeKey('ngram', ['a', 'bc'])).not.toBe(storeKey('ngram', ['ab', 'c']));
  });

  test.each([
    ['cut short', (path: string) => truncateSync(path, 400)],
    ['emptied', (path: string) => writeFileSync(path, '')],
    [
      'with one bit turned',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 20] ^= 1;
        writeFileSync(path, bytes);
      },
    ],
    ['with a header that is no JSON', (path: string) => writeFileSync(path, 'postulate-arrays-1\n00000008{nonsens')],
    ['of another program', (path: string) => writeFileSync(path, 'x'.repeat(5000))],
  ])('trains again where a file is %s, and mends it', async (_name, damage) => {
    const folder = temporaryFolder();
    const whole = await train(store(folder));
    damage(join(folder, readdirSync(folder)[0]));
    const again = await train(store(folder));
    expect(again.trained).toBe(true);
    expect(again.model.table).toEqual(whole.model.table);
    expect((await train(store(folder))).trained).toBe(false);
  });

  test('warns with P504 and goes on where it cannot be written', async () => {
    const folder = temporaryFolder({ occupied: 'a file' });
    const warnings: Diagnostic[] = [];
    const { model } = await train(store(join(folder, 'occupied', 'below'), warnings));
    expect(model.table!.contexts).toBeGreaterThan(1);
    expect(warnings.map((w) => [w.code, w.severity])).toEqual([['P504', 'warning']]);
    expect(warnings[0].message).toContain('It will be trained again next time.');
  });

  test('a full disk leaves no half file behind', async () => {
    const removed: string[] = [];
    const warnings: Diagnostic[] = [];
    const full = fileStore('/cache', (d) => warnings.push(d), {
      read: async () => Promise.reject(new Error('ENOENT')),
      write: async () => Promise.reject(new Error('ENOSPC: no space left on device, write')),
      rename: async () => Promise.reject(new Error('never reached')),
      makeDirectory: async () => undefined,
      remove: async (path) => void removed.push(path),
    });
    const { trained } = await train(full);
    expect(trained).toBe(true);
    expect(warnings[0].message).toContain('ENOSPC');
    expect(removed).toHaveLength(1);
    expect(removed[0]).toMatch(/\.tmp$/);
  });

  test('may be left out', async () => {
    expect((await train(noStore)).trained).toBe(true);
    expect((await train(noStore)).trained).toBe(true);
  });
});

test('arrays come back from any alignment', () => {
  const arrays = {
    a: Int32Array.of(1, -2, 3),
    b: Float64Array.of(0.1, -Infinity),
    c: Uint8Array.of(7),
    d: new Float64Array(0),
  };
  const packed = packArrays(arrays);
  for (const shift of [0, 1, 4]) {
    const shifted = Buffer.concat([Buffer.alloc(shift), packed]).subarray(shift);
    expect(unpackArrays(shifted)).toEqual(arrays);
  }
});

test('a corpus without a token is P508', async () => {
  expect(await failure(() => train(noStore, []))).toBe(
    'P508: there is no text in "lines" to train an n-gram model on; it needs a line with a token.',
  );
});
