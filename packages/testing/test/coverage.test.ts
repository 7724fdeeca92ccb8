import { run, type Approximation } from '@postulate/inference';
import { afterAll, describe, expect, it } from 'vitest';
import { binomialGate, coverageGate, covers, meanGate, wilsonInterval } from '../src/index.ts';
import { FIXTURE_CELLS, type Cell } from './answers.ts';
import { targetOfFile } from './pipeline.ts';
import { runs as times, slow } from './slow.ts';

const RUNS = times(400, 2000, 100);

/** Engine, cell, and what it is asked for. All of them have a clean verdict. */
type Setting = readonly [engine: string, label: string, draws: number, options: Record<string, number>];

const SETTINGS: readonly Setting[] = [
  ['rejection', 'soft posterior', 300, {}],
  ['importance', 'hard posterior', 0, { proposals: 1000 }],
];
const MORE: readonly Setting[] = [
  ['rejection', 'hard posterior', 300, {}],
  ['rejection', 'hybrid posterior', 300, {}],
  ['importance', 'soft posterior', 0, { proposals: 1000 }],
  ['importance', 'hybrid posterior', 0, { proposals: 1000 }],
  ['importance', 'algebra tempered', 0, { proposals: 1000 }],
  ['importance', 'uncertain cautious', 0, { proposals: 1000 }],
  ['importance', 'moments one', 0, { proposals: 1000 }],
];

/** Runs so small that a bias of order one over their size would show in their mean. */
const SMALL: readonly Setting[] = [
  ['rejection', 'hard posterior', 4, {}],
  ['rejection', 'soft posterior', 4, {}],
  ['importance', 'soft posterior', 0, { proposals: 5 }],
];

interface Tally {
  covered: number;
  runs: number;
}

const printed: string[] = [];
afterAll(() => console.log(`coverage of 95% intervals:\n  ${printed.join('\n  ')}`));

/** Counts, over seeded runs with the verdict ok, how often each figure's interval holds the truth. */
async function tallies(cell: Cell, engine: string, draws: number, options: Record<string, number>) {
  const target = await targetOfFile(cell.path, cell.posterior, { set: cell.set });
  const all = new Map<string, Tally>();
  const note = (name: string, found: { value: number; standardError: number | null } | null, truth: number) => {
    // What does not vary (an event that is certain under the posterior) has no coverage to speak of.
    if (found === null || found.standardError === null || found.standardError === 0) return;
    const tally = all.get(name) ?? { covered: 0, runs: 0 };
    tally.runs++;
    if (covers(found.value, found.standardError, truth)) tally.covered++;
    all.set(name, tally);
  };
  const results: Approximation[] = [];
  for (let seed = 0; seed < RUNS; seed++) {
    const result = await run(target, { engine, options, draws, seed: `coverage ${seed}`, budget: Infinity });
    if (result.diagnostics.verdict !== 'ok') continue;
    results.push(result);
    note('logZ', result.logZ, cell.answer.logZ!);
    note('entropy', result.entropy, cell.answer.entropy!);
    note('klToPrior', result.klToPrior, cell.answer.klToPrior!);
    for (const [name, truth] of Object.entries(cell.answer.expectations!)) note(name, result.expectations[name], truth);
  }
  return { all, results };
}

describe('95% intervals cover', () => {
  it.each(slow ? [...SETTINGS, ...MORE] : SETTINGS)('%s on %s', async (engine, label, draws, options) => {
    const cell = FIXTURE_CELLS.find((c) => c.label === label)!;
    const { all, results } = await tallies(cell, engine, draws, options);
    expect(results.length).toBeGreaterThan(0.95 * RUNS);
    expect(all.size).toBeGreaterThanOrEqual(2);
    for (const [name, { covered, runs }] of all) {
      const gate = coverageGate(covered, runs);
      printed.push(`${engine}, ${label}, ${name}: ${((100 * covered) / runs).toFixed(1)}% of ${runs}`);
      expect(gate.passes, `${name}: ${gate.message}`).toBe(true);
    }
  });

  it.each(SMALL)('the mean of Zhat over many small runs is Z: %s on %s', async (engine, label, draws, options) => {
    const cell = FIXTURE_CELLS.find((c) => c.label === label)!;
    const target = await targetOfFile(cell.path, cell.posterior, { set: cell.set });
    const estimates: number[] = [];
    for (let seed = 0; seed < 2 * RUNS; seed++) {
      const { logZ } = await run(target, { engine, options, draws, seed: `mean ${seed}` });
      estimates.push(Math.exp(logZ!.value));
    }
    const gate = meanGate(estimates, Math.exp(cell.answer.logZ!));
    expect(gate.passes, gate.message).toBe(true);
  });

  it("Wilson's interval for an event under rejection's draws", async () => {
    const cell = FIXTURE_CELLS.find((c) => c.label === 'hard posterior')!;
    const { results } = await tallies(cell, 'rejection', 300, {});
    const truth = cell.answer.support!['a'];
    const hits = results.map((r) => r.draws.filter((d) => d.tokens.length === 1 && d.tokens[0] === 0).length);
    const covered = hits.filter((h) => {
      const [low, high] = wilsonInterval(h, 300);
      return low <= truth && truth <= high;
    }).length;
    expect(coverageGate(covered, hits.length).message).toMatch(/passes$/);
    // And the hits themselves are binomial, all runs together.
    const total = hits.reduce((a, b) => a + b, 0);
    expect(binomialGate(total, 300 * hits.length, truth).message).toMatch(/passes$/);
  });
});
