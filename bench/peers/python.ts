import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { data, root } from '../support/paths.ts';

/** One line that `peers.py` prints. */
export interface PythonRow {
  readonly peer: string;
  readonly task?: 'A' | 'B';
  readonly particles?: number;
  readonly seeds?: number;
  readonly error?: number;
  readonly acceptance?: number;
  readonly perSecond?: number;
  /** Why the system was not run. */
  readonly skipped?: string;
}

/** Runs the Python systems that `python` has; a sentence where it has none or is not there. */
export function pythonPeers(python: string, seeds: number): readonly PythonRow[] | string {
  const script = join(root, 'bench', 'peers', 'peers.py');
  const words = [script, join(data, 'markov6.arpa'), join(data, 'markov6.json'), String(seeds)];
  // One thread: the tensors are so small that torch is several times slower on more of them.
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  const run = spawnSync(python, words, { encoding: 'utf8', timeout: 1_200_000, maxBuffer: 1 << 26, env });
  const lines = (run.stdout ?? '').split('\n').filter((l) => l.startsWith('{'));
  if (lines.length > 0) return lines.map((l) => JSON.parse(l) as PythonRow);
  const why = run.error?.message ?? (run.stderr ?? '').trim().split('\n').at(-1) ?? '';
  return `${python} ran none of the Python systems: ${why}`;
}
