import { describe, expect, it } from 'vitest';
import { zGate } from '../../../testing/src/index.ts';
import { run } from '../../src/index.ts';
import { target } from '../bind/support.ts';

/** Ninety words, any of which may follow any other; one of them is rare, and every text has to have it. */
const WORDS = Array.from({ length: 90 }, (_, i) => `w${String(i).padStart(2, '0')}`);
const ROW = `{ ${WORDS.map((w, i) => `"${w}": ${i === 0 ? 0.001 : (0.999 / 89).toFixed(12)}`).join(', ')} }`;
const CHAIN = WORDS.map((w) => `"${w}": row`).join(', ');
const SOURCE = `row = ${ROW}\nprior = bigram({ "^": row, ${CHAIN} }, max_tokens = 3)\nposterior = prior | contains("w00")\n`;

describe('where nearly every last token is forbidden', () => {
  it('goes on from what the first particle found, and stays right', async () => {
    const t = await target(SOURCE);
    const exact = await run(t, { engine: 'exact', draws: 0 });
    const options = { particles: 20, runs: 200 };
    const result = await run(t, { engine: 'awrs', options, draws: 0, seed: 'costly' });
    const { value, standardError } = result.logZ!;
    expect(zGate(value, standardError!, exact.logZ!.value, { falseAlarm: 1e-6 })).toMatchObject({ passes: true });
    // Three tokens of each particle, and the first particle of each run asks about most words at its last token.
    const { constraintQuestions } = result.diagnostics.extra;
    expect(constraintQuestions / (200 * 20)).toBeLessThan(20);
  });
});
