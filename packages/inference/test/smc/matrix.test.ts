import { afterAll, describe, expect, it } from 'vitest';
import { slow } from '../../../testing/test/slow.ts';
import { run, type Approximation } from '../../src/index.ts';
import { fixture } from '../bind/support.ts';
import { CELLS, gateAll, isNeedle } from '../support/gate.ts';

/** What every gate's error rests on. */
const RUNS = 200;

const PLANS = [
  { twist: 'none', particles: 40 },
  { twist: 'auto', resampling: 'multinomial', essThreshold: 2, particles: 20 },
  { twist: 'contrastive', particles: 20, learnedDraws: 1000, essThreshold: 0.9 },
  { twist: 'soft-value', particles: 20, learnedDraws: 1000, essThreshold: 0.9 },
];
const SLOW_PLANS = [
  { twist: 'none' },
  { twist: 'prefix', particles: 50 },
  { twist: 'none', resampling: 'optimal', particles: 30 },
  { twist: 'learned', particles: 50, essThreshold: 0.9 },
  { twist: 'auto', particles: 50 },
];

describe.each(slow ? [...PLANS, ...SLOW_PLANS] : PLANS)('smc on posteriors with known answers: %j', (options) => {
  const doubted: string[] = [];
  afterAll(() =>
    console.info(
      `${JSON.stringify(options)}: ${doubted.length} of ${CELLS.length} cells with a verdict of their own: ${doubted.join(', ')}`,
    ),
  );

  it.each(CELLS)('%s: %s', async (file, posterior, answer) => {
    const target = await fixture(file, posterior);
    const run1 = (): Promise<Approximation> =>
      run(target, { engine: 'smc', draws: 50, options: { runs: RUNS, ...options }, seed: 'matrix' });
    if (answer.zeroMass) {
      await expect(run1()).rejects.toThrow('P403');
      return;
    }
    // One text in 400,000: particles from the prior hardly find it, and then an error or the verdict must say so.
    if (isNeedle(file, posterior) && options.twist === 'none') {
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
    gateAll(result, answer);
  });
});
