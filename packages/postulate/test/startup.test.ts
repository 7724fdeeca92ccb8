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

/**
 * How many times the work of `node -e 0` a command takes: the best time of each, in turns, until the ratio is below a
 * bound or 40 turns have not shown it. What a command costs is its best time; other work on the machine only adds.
 */
function bestRatio(words: readonly string[], bound: number): number {
  const best = { node: Infinity, command: Infinity };
  for (let turn = 0; turn < 40; turn++) {
    best.node = Math.min(best.node, time(['-e', '0']));
    best.command = Math.min(best.command, time([command, ...words]));
    if (turn >= 4 && best.command / best.node < bound) break;
  }
  return best.command / best.node;
}

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
  it('post check of an example costs at most 4 times node -e 0', () => {
    expect(bestRatio(['check', '--quiet', 'examples/paris/model.post'], 4)).toBeLessThan(4);
  });

  // A second where `node -e 0` takes 65 ms; as a ratio, so that a slower or busier machine decides nothing.
  it('post check of 2,000 statements takes less than a second', () => {
    const path = join(scratch, 'long.post');
    writeFileSync(path, longProgram());
    expect(bestRatio(['check', '--quiet', path], 15)).toBeLessThan(15);
  });
});
