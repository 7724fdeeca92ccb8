import type { TextBatch } from '@postulate/models';
import { expect, test } from 'vitest';
import { bind, run } from '../../src/index.ts';
import { graphOf, models, PRIOR } from './support.ts';

const FILE = `extern score r from "./r.mjs" in [0, 1]\n${PRIOR}p = prior * exp(3 * r)\n`;

/** How often a costly score is asked for a text in a run of the file, and the texts that the run counts as drawn or scored. */
async function asked(
  engine: string,
  options: Readonly<Record<string, string>> = {},
): Promise<{ readonly asked: number; readonly counted: number }> {
  let asked = 0;
  const values = (batch: TextBatch): Float64Array => {
    asked += batch.size;
    return Float64Array.from({ length: batch.size }, (_, i) => batch.text(i).length / 10);
  };
  const counted = { ...models, extern: () => Promise.resolve({ values, machine: () => undefined }) };
  const [target] = await bind(graphOf(FILE), 'p', counted);
  const result = await run(target, { engine, draws: 40, seed: 'once', options: { ...options, batch: '100' } });
  return { asked, counted: result.diagnostics.modelCalls };
}

test('what is reported of draws does not ask a costly score again for the texts that were weighed', async () => {
  expect(await asked('importance', { proposals: '300' })).toEqual({ asked: 300, counted: 300 });
  for (const engine of ['rejection', 'qrs', 'best-of-n']) {
    const of = await asked(engine);
    expect(of.counted).toBeGreaterThanOrEqual(100);
    // best-of-n also lists the 15 texts of the prior for its exact law.
    expect(of.asked).toBe(of.counted + (engine === 'best-of-n' ? 15 : 0));
  }
});
