import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../support/paths.ts';
import type { Size } from '../support/language-models.ts';

export interface TorchRun {
  readonly torch: string;
  readonly threads: number;
  /** Of one training step. */
  readonly seconds?: number;
  readonly tokensPerSecond?: number;
}

/** `torch_lm.py` in the Python that is named; a sentence where it has no torch. */
export function torchRun(python: string, what: 'train' | 'sample', size: Size, rounds: number): TorchRun | string {
  const script = join(root, 'bench', 'peers', 'torch_lm.py');
  const words = [script, what, ...[size.width, size.layers, size.heads, rounds].map(String)];
  const run = spawnSync(python, words, { encoding: 'utf8', timeout: 600_000 });
  const line = (run.stdout ?? '').split('\n').find((l) => l.startsWith('{'));
  if (line !== undefined) return JSON.parse(line) as TorchRun;
  return run.error?.message ?? ((run.stderr ?? '').trim().split('\n').at(-1) || 'it said nothing');
}
