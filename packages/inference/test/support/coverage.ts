import { expect } from 'vitest';
import { coverageGate, covers } from '../../../testing/src/index.ts';
import { slow } from '../../../testing/test/slow.ts';
import { run, type Approximation, type Estimate, type RunOptions, type Target } from '../../src/index.ts';
import type { Answer } from '../bind/support.ts';

/** Runs under seeds of their own. */
export async function manyRuns(target: Target, options: RunOptions, times: number): Promise<readonly Approximation[]> {
  const runs: Approximation[] = [];
  for (let i = 0; i < times; i++) runs.push(await run(target, { ...options, seed: `coverage ${i}` }));
  return runs;
}

type Holds = (e: Estimate) => boolean;

/**
 * 95% intervals of `of` must hold the truth in at least 93% of the runs; those that are missing count as misses. The
 * one-sided binomial test refuses a sound engine with probability at most 1e-6.
 */
export function gateCoverage(
  what: string,
  runs: readonly Approximation[],
  truth: number,
  of: (r: Approximation) => Estimate | null | undefined,
  holds: Holds = (e) => covers(e.value, e.standardError!, truth),
): void {
  const found = runs.map(of);
  // What does not vary has no interval to cover it.
  if (found.every((e) => e?.standardError === 0)) {
    for (const e of found) expect(e!.value).toBeCloseTo(truth, 9);
    return;
  }
  const covered = found.filter((e) => e && holds(e)).length;
  const result = coverageGate(covered, runs.length, { falseAlarm: 1e-6 });
  if (slow) console.info(`${runs[0].engine} ${what}: ${result.message}`);
  expect(result.passes, `${what}: ${result.message}`).toBe(true);
}

/** The same of every figure with a known answer; `holds` for those named whose intervals are of another kind. */
export function gateAllCoverage(
  target: Target,
  runs: readonly Approximation[],
  answer: Answer,
  holds: (name: string, truth: number) => Holds | undefined = () => undefined,
): void {
  for (const figure of ['logZ', 'entropy', 'klToPrior'] as const) {
    gateCoverage(`${target.name} ${figure}`, runs, answer[figure], (r) => r[figure]);
  }
  for (const { name } of target.named) {
    const truth = answer.expectations[name];
    if (truth === undefined) continue;
    gateCoverage(`${target.name} ${name}`, runs, truth, (r) => r.expectations[name], holds(name, truth));
  }
}
