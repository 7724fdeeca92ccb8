import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostError } from '@postulate/graph';
import { onTestFinished } from 'vitest';
import {
  type BigramRows,
  decode,
  type LanguageModel,
  packSequences,
  type SampledBatch,
  type SequenceBatch,
} from '../../src/index.ts';

/** A folder that goes away with the test. */
export function temporaryFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'postulate-models-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** "code: message" of what `run` throws. */
export async function failure(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof PostError) return `${error.code}: ${error.diagnostics[0].message}`;
    throw error;
  }
  throw new Error('expected a failure');
}

/** Every sequence of at most `maxTokens` tokens with positive probability, told by its decode session. */
export function listSequences(model: LanguageModel): { batch: SequenceBatch; logProbs: number[] } {
  const found: { tokens: number[]; finished: boolean; logProb: number }[] = [];
  const visit = (tokens: number[], logProb: number): void => {
    if (tokens.length === model.maxTokens) {
      found.push({ tokens, finished: false, logProb });
      return;
    }
    const session = model.open(1);
    for (const token of tokens) void session.advance(Int32Array.of(token));
    const law = Float64Array.from(session.logProbs);
    law.forEach((value, word) => {
      if (value === -Infinity) return;
      if (word === model.vocabulary.size) found.push({ tokens, finished: true, logProb: logProb + value });
      else visit([...tokens, word], logProb + value);
    });
  };
  visit([], 0);
  const batch = packSequences(
    found.map((f) => f.tokens),
    found.map((f) => f.finished),
  );
  return { batch, logProbs: found.map((f) => f.logProb) };
}

/** Text and kind of end of each sequence. */
export function keys(model: LanguageModel, batch: SequenceBatch): string[] {
  return Array.from({ length: batch.size }, (_, i) => {
    const text = decode(model.vocabulary, batch.tokens, batch.offsets[i], batch.offsets[i + 1]);
    return batch.finished[i] === 1 ? `${text}$` : text;
  });
}

/** Upper 1e-6 quantile of the chi-square law with `k` degrees of freedom (Wilson & Hilferty 1931). */
export function chiSquareLimit(k: number): number {
  return k * (1 - 2 / (9 * k) + 4.7534 * Math.sqrt(2 / (9 * k))) ** 3;
}

/** Pearson's statistic of draws against a model's own list, cells below 5 pooled, over its 1e-6 limit: fails above 1. */
export function chiSquareRatio(model: LanguageModel, drawn: SampledBatch): number {
  const { batch, logProbs } = listSequences(model);
  const counts = new Map<string, number>();
  for (const key of keys(model, drawn)) counts.set(key, (counts.get(key) ?? 0) + 1);
  let [statistic, cells, pooledExpected, pooledSeen] = [0, 0, 0, 0];
  keys(model, batch).forEach((key, i) => {
    const expected = Math.exp(logProbs[i]) * drawn.size;
    const seen = counts.get(key) ?? 0;
    counts.delete(key);
    if (expected < 5) {
      pooledExpected += expected;
      pooledSeen += seen;
      return;
    }
    statistic += (seen - expected) ** 2 / expected;
    cells++;
  });
  if (counts.size > 0) return Infinity;
  if (pooledExpected >= 5) {
    statistic += (pooledSeen - pooledExpected) ** 2 / pooledExpected;
    cells++;
  }
  return statistic / chiSquareLimit(cells - 1);
}

/** A chain over two letters, every transition possible. */
export const CHAIN: BigramRows = [
  [
    '^',
    [
      ['a', 0.5],
      ['b', 0.3],
      ['$', 0.2],
    ],
  ],
  [
    'a',
    [
      ['a', 0.3],
      ['b', 0.4],
      ['$', 0.3],
    ],
  ],
  [
    'b',
    [
      ['a', 0.2],
      ['b', 0.5],
      ['$', 0.3],
    ],
  ],
];
