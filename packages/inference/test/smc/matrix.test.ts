import { afterAll, describe, expect, it } from 'vitest';
import { zGate } from '../../../testing/src/index.ts';
import { slow } from '../../../testing/test/slow.ts';
import { run, type Approximation, type Estimate } from '../../src/index.ts';
import { answersOf, fixture, type Answer } from '../bind/support.ts';

const FIXTURES = ['algebra', 'hard', 'hybrid', 'moments', 'needle', 'soft', 'tabular', 'uncertain', 'markov6'];

/** Every gate refuses a correct engine with probability 2e-7 (normal errors; each rests on 200 runs); fixed seed. */
const FALSE_ALARM = 2e-7;
const RUNS = 200;

function gate(what: string, found: Estimate | null | undefined, truth: number): void {
  if (!found) throw new Error(`${what} is missing`);
  if (Math.abs(found.value - truth) < 1e-9) return;
  const result = zGate(found.value, found.standardError ?? NaN, truth, { falseAlarm: FALSE_ALARM });
  expect(result.passes, `${what}: ${result.message}`).toBe(true);
}

function check(result: Approximation, answer: Answer): void {
  gate('logZ', result.logZ, answer.logZ);
  gate('entropy', result.entropy, answer.entropy);
  gate('klToPrior', result.klToPrior, answer.klToPrior);
  for (const [name, value] of Object.entries(answer.expectations)) gate(name, result.expectations[name], value);
  answer.lambda?.forEach((l, i) => expect(result.lambda![i]).toBeCloseTo(l, 8));
}

const PLANS = [
  { twist: 'none' },
  { twist: 'prefix', particles: 50 },
  { twist: 'auto', resampling: 'multinomial', essThreshold: 2, particles: 50 },
];
const SLOW_PLANS = [
  { twist: 'none', resampling: 'optimal', particles: 30 },
  { twist: 'learned', particles: 50, essThreshold: 0.9 },
  { twist: 'auto', particles: 50 },
];

describe.each(slow ? [...PLANS, ...SLOW_PLANS] : PLANS)('smc on posteriors with known answers: %j', (options) => {
  const cells = FIXTURES.flatMap((f) => answersOf(f).map(([posterior, answer]) => [f, posterior, answer] as const));
  const doubted: string[] = [];
  afterAll(() =>
    console.info(
      `${JSON.stringify(options)}: ${doubted.length} of ${cells.length} cells with a verdict of their own: ${doubted.join(', ')}`,
    ),
  );

  it.each(cells)('%s: %s', async (file, posterior, answer) => {
    const target = await fixture(file, posterior);
    const run1 = (): Promise<Approximation> =>
      run(target, { engine: 'smc', draws: 50, options: { runs: RUNS, ...options }, seed: 'matrix' });
    if (answer.zeroMass) {
      await expect(run1()).rejects.toThrow('P403');
      return;
    }
    // One text in 400,000: particles from the prior hardly find it, and then an error or the verdict must say so.
    if (file === 'needle' && posterior === 'posterior' && options.twist === 'none') {
      const said = await run1().then(
        (r) => r.diagnostics.verdict,
        (error: unknown) => String(error),
      );
      expect(said).toMatch(/P604.*matches|effective sample size/s);
      doubted.push(`${file} ${posterior}: ${said}`);
      return;
    }
    const result = await run1();
    if (result.diagnostics.verdict !== 'ok') {
      expect(result.warnings.map((w) => w.code)).toContain('P606');
      doubted.push(`${file} ${posterior}: ${result.diagnostics.verdict}`);
      return;
    }
    check(result, answer);
  });
});
