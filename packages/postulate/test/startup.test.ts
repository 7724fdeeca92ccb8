import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, root, scratch } from './helpers/command.ts';

/** Wall time of one process, milliseconds. */
function time(words: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return performance.now() - began;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1];

/** 2,000 statements that each use what the one before them defined. */
function longProgram(): string {
  const lines = ['prior = bigram({ "^": { "a": 1 }, "a": { "a": 0.5, "$": 0.5 } }, max_tokens = 8)', 's0 = count("a")'];
  for (let i = 1; i < 1000; i++) {
    lines.push(`s${i} = max(s${i - 1}, ${i}) / 2 + count("a${i}") - length`);
    lines.push(`e${i} = s${i} > ${i} and contains("a${i}") or not finished`);
  }
  return `${lines.join('\n')}\nposterior = prior * exp(s999) | e999\n`;
}

describe('start-up', () => {
  // Medians of runs taken in turn, so that a busy machine slows both sides alike.
  it('post check of an example costs at most 4 times node -e 0', () => {
    const rounds = Array.from({ length: 9 }, () => {
      return { node: time(['-e', '0']), check: time([command, 'check', '--quiet', 'examples/paris/model.post']) };
    });
    const ratio = median(rounds.map((r) => r.check)) / median(rounds.map((r) => r.node));
    expect(ratio).toBeLessThan(4);
  });

  // A second where `node -e 0` takes 65 ms; as a ratio, so that a slower or busier machine decides nothing.
  it('post check of 2,000 statements takes less than a second', () => {
    const path = join(scratch, 'long.post');
    writeFileSync(path, longProgram());
    const rounds = Array.from({ length: 5 }, () => {
      return { node: time(['-e', '0']), check: time([command, 'check', '--quiet', path]) };
    });
    expect(median(rounds.map((r) => r.check / r.node))).toBeLessThan(15);
  });
});
