import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './paths.ts';

export interface ProcessRun {
  readonly seconds: number;
  /** Peak resident set. */
  readonly peakMegabytes: number;
  /** Processor time, all threads. */
  readonly cpuSeconds: number;
  readonly stdout: string;
}

/** Runs node on `words` to its end; throws its standard error where it fails. */
export function runNode(words: readonly string[], env: Readonly<Record<string, string>> = {}): ProcessRun {
  const folder = mkdtempSync(join(tmpdir(), 'postulate-bench-'));
  const file = join(folder, 'usage');
  const probe = pathToFileURL(join(root, 'bench', 'support', 'usage-probe.mjs')).href;
  try {
    const start = performance.now();
    const run = spawnSync(process.execPath, ['--import', probe, ...words], {
      env: { ...process.env, ...env, POSTULATE_BENCH_USAGE: file },
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const seconds = (performance.now() - start) / 1000;
    if (run.status !== 0) throw new Error(`node ${words.join(' ')} ended with ${run.status}: ${run.stderr}`);
    const usage = JSON.parse(readFileSync(file, 'utf8')) as Pick<ProcessRun, 'peakMegabytes' | 'cpuSeconds'>;
    return { seconds, ...usage, stdout: run.stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Wall-clock seconds of node on `words` without the memory probe, for ratios of short runs. */
export function wallSeconds(words: readonly string[]): number {
  const start = performance.now();
  // What a run prints goes nowhere: a buffer that it fills would end it before its work is done.
  const run = spawnSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (run.status !== 0 || run.error !== undefined) {
    throw new Error(`node ${words.join(' ')} ended with ${run.status}: ${run.stderr}`);
  }
  return (performance.now() - start) / 1000;
}
