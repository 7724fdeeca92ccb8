import { fail } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { openChunks, run, seededChooser, type RunOptions, type Work } from '../../src/index.ts';
import { batchesBefore } from '../../src/engines/rejection/chunk-size.ts';
import { rejectionEngine } from '../../src/engines/rejection/index.ts';
import { fixture, PRIOR, target } from '../bind/support.ts';

/** Has every chunk done by runs of their own, in turn, each of which is asked from the last chunk backwards. */
async function elsewhere(t: Awaited<ReturnType<typeof target>>, options: RunOptions, hands: number) {
  const others = await Promise.all(Array.from({ length: hands }, () => openChunks(t, options)));
  const asked: number[] = [];
  const work: Work = async ({ index, input, most }) => {
    asked.push(index);
    const other = others[index % hands]!;
    for (let k = Math.min(most - 1, index + 3); k > index; k--) await other(k);
    return structuredClone(await other(index, input));
  };
  return { work, asked };
}

const opaque = `${PRIOR}posterior = prior * exp(distinct(1)) | contains("a")`;
const rare = `${PRIOR}posterior = prior * exp(distinct(1)) | starts_with("bbb")`;

describe('chunks done elsewhere, in another order', () => {
  it.each([
    ['importance', opaque, { batch: 64 }],
    ['importance', opaque, { batch: 10, resample: false }],
    ['rejection', opaque, { batch: 4 }],
    ['rejection', rare, { batch: 4 }],
    ['rejection', rare, { batch: 4, removeDead: false }],
    ['auto', opaque, {}],
  ])('give what %s gives in place: %s %j', async (engine, text, options) => {
    const t = await target(text);
    const plain: RunOptions = { engine, draws: 60, seed: 'chunks', options };
    const { work, asked } = await elsewhere(t, plain, 3);
    expect(await run(t, { ...plain, work })).toEqual(await run(t, plain));
    expect(asked).toEqual(Array.from(asked.keys()));
    if (engine !== 'auto') expect(asked.length).toBeGreaterThan(3);
  });

  it('keep to a budget', async () => {
    const t = await target(opaque);
    for (const engine of ['importance', 'rejection']) {
      const plain: RunOptions = { engine, draws: 5000, budget: 1234, options: { batch: 100 } };
      const { work } = await elsewhere(t, plain, 2);
      const result = await run(t, { ...plain, work });
      expect(result).toEqual(await run(t, plain));
      expect(result.diagnostics.modelCalls).toBe(1234);
    }
  });

  it('fit moments on the same pilot wherever they are done', async () => {
    // 16 letters and 6 places: more texts than can be listed, and a number of different ones that has no automaton.
    const letters = Array.from('abcdefghijklmnop');
    const row = `{ ${letters.map((l) => `"${l}": 0.0625`).join(', ')} }`;
    const rows = `{ ${['^', ...letters].map((l) => `"${l}": ${row}`).join(', ')} }`;
    const t = await target(
      `prior = bigram(${rows}, max_tokens = 6, separator = " ")\nd = distinct(1)\nposterior = prior subject to { E(d) = 0.8 }`,
    );
    const plain: RunOptions = { engine: 'importance', draws: 100 };
    const { work } = await elsewhere(t, plain, 1);
    const result = await run(t, { ...plain, work });
    expect(result.warnings[0].message).toContain('fitted on 20000 texts');
    expect(result).toEqual(await run(t, plain));
  });

  it('are passed through by auto where exact gives up on the way', async () => {
    const t = await fixture('soft', 'posterior');
    const chunks = (await openChunks(t, { engine: 'auto', draws: 30 }))!;
    const rejection = (await openChunks(t, { engine: 'rejection', draws: 30 }))!;
    expect(await chunks(0)).toEqual(await rejection(0));
  });

  it('are not waited for once the run is stopped', async () => {
    const t = await target(opaque);
    const stop = new AbortController();
    const work: Work = (chunk) => {
      if (chunk.index < 2) return chunk.here();
      setTimeout(() => stop.abort(), 20);
      return new Promise((_, reject) =>
        stop.signal.addEventListener('abort', () => reject(fail('P902', 'interrupted'))),
      );
    };
    const options = { engine: 'rejection', draws: 5000, options: { batch: 100 }, signal: stop.signal, work };
    const result = await run(t, options);
    expect(result.diagnostics.modelCalls).toBe(800);
    expect(result.diagnostics.verdict).toMatch(/^interrupted/);
  });
});

describe('the chunks of rejection', () => {
  it('follow each other without a gap, and grow where proposers learn', () => {
    const sizes = Array.from({ length: 15 }, (_, k) => batchesBefore(k + 1, true) - batchesBefore(k, true));
    expect(sizes).toEqual([4, 4, 4, 4, 8, 8, 8, 8, 16, 16, 16, 16, 32, 32, 32]);
    expect(batchesBefore(0, true)).toBe(0);
    expect(batchesBefore(7, false)).toBe(7);
  });

  it('learn anew in each, and within a chunk leave out what they learned', async () => {
    const t = await fixture('needle', 'posterior');
    const request = { draws: 1e6, budget: Infinity };
    const state = await rejectionEngine.init(
      t,
      { ...rejectionEngine.defaults, batch: 512 },
      request,
      seededChooser('k'),
    );
    for (const index of [0, 1, 9]) {
      const { batches } = (await rejectionEngine.chunk!(state, index)) as { batches: readonly { logAlive: number }[] };
      expect(batches[0].logAlive).toBe(0);
      expect(batches.at(-1)!.logAlive).toBeLessThan(-5);
    }
  });
});
