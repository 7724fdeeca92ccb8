import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createModels } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { coverageGate, covers } from '../../../testing/src/index.ts';
import { runs as times, slow } from '../../../testing/test/slow.ts';
import { bind, run } from '../../src/index.ts';
import { estimateLogZ } from '../../src/engines/rejection/log-z.ts';
import { fixture, graphOf } from '../bind/support.ts';

const RATES = [0.05, 0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99];

/** log n! of every n asked for so far. */
const logFactorials = [0];
function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) logFactorials[i] = logFactorials[i - 1] + Math.log(i);
  return logFactorials[n];
}
const logChoose = (n: number, k: number): number => logFactorial(n) - logFactorial(k) - logFactorial(n - k);

function holds(trials: number, accepted: number, stopped: boolean, rate: number): boolean {
  const e = estimateLogZ([{ logAlive: 0, trials, accepted }], 0, stopped)!;
  return Math.abs(e.value - Math.log(rate)) <= 1.96 * e.standardError!;
}

/** P(the interval holds Z) summed over the negative binomial law of the trials until the n-th accept. */
function coverageAtAccept(n: number, rate: number): number {
  const most = n + Math.ceil((n * (1 - rate)) / rate + (12 * Math.sqrt(n * (1 - rate))) / rate) + 60;
  let covered = 0;
  for (let t = n; t <= most; t++) {
    if (!holds(t, n, true, rate)) continue;
    covered += Math.exp(logChoose(t - 1, n - 1) + n * Math.log(rate) + (t - n) * Math.log1p(-rate));
  }
  return covered;
}

/** The same over the binomial law of the accepts among t trials, given that there is one. */
function coverageAtBudget(t: number, rate: number): number {
  let covered = 0;
  let mass = 0;
  for (let n = 1; n <= t; n++) {
    const p = Math.exp(logChoose(t, n) + n * Math.log(rate) + (t - n) * Math.log1p(-rate));
    mass += p;
    if (holds(t, n, false, rate)) covered += p;
  }
  return covered / mass;
}

describe('95% intervals of log Z, by summing over all outcomes', () => {
  it.each([10, 30, 100, 400])('cover at least 93 in 100 at %i accepts, whatever the acceptance rate', (n) => {
    for (const rate of RATES) expect(coverageAtAccept(n, rate), `rate ${rate}`).toBeGreaterThan(0.935);
  });
  it.each([30, 100, 400])('are not needlessly wide at %i accepts', (n) => {
    for (const rate of RATES.filter((r) => n * (1 - r) > 12)) {
      expect(coverageAtAccept(n, rate), `rate ${rate}`).toBeLessThan(0.965);
    }
  });
  it.each([10, 30, 100, 400])('cover at least 93 in 100 where the budget allows %i accepts on average', (mean) => {
    for (const rate of RATES) {
      expect(coverageAtBudget(Math.round(mean / rate), rate), `rate ${rate}`).toBeGreaterThan(0.935);
    }
  });
});

const DATA = fileURLToPath(new URL('../../../../bench/data/', import.meta.url));

async function markov6() {
  const models = createModels({ directory: DATA, cacheDirectory: null });
  return (await bind(graphOf(readFileSync(`${DATA}markov6.post`, 'utf8')), 'A', models))[0];
}

/** Sound intervals are refused with probability at most 1e-6 (one-sided binomial test of 93%). */
const RUNS = times(200, 1500, 100);
describe('95% intervals of log Z, measured', () => {
  it.each([
    ['markov6', 30, true],
    ['markov6', 100, true],
    ['markov6', 400, true],
    ['markov6', 30, false],
    ['markov6', 100, false],
    ['needle', 30, true],
  ] as const)('on %s at %i draws, dead prefixes removed: %s', async (file, draws, removeDead) => {
    const target = file === 'markov6' ? await markov6() : await fixture('needle', 'posterior');
    const truth = (await run(target, { engine: 'exact', draws: 0 })).logZ!.value;
    let covered = 0;
    for (let i = 0; i < RUNS; i++) {
      const options = { removeDead };
      const { logZ } = await run(target, { engine: 'rejection', draws, seed: `interval ${i}`, options });
      if (covers(logZ!.value, logZ!.standardError!, truth)) covered++;
    }
    const result = coverageGate(covered, RUNS, { falseAlarm: 1e-6 });
    if (slow) console.info(`rejection ${file} ${draws} removeDead ${removeDead}: ${result.message}`);
    expect(result.passes, result.message).toBe(true);
  });
});
