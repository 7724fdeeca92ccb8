import { describe, expect, it } from 'vitest';
import { bigram, type Snapshot, type TrainablePolicy } from '../../src/index.ts';
import { readGuided, baseOfGuided } from '../../src/policies/stored-guided.ts';
import { readStoredTable } from '../../src/policies/read-stored-table.ts';
import { packModel, unpackModel } from '../../src/policies/model-file.ts';
import { CHAIN, failure } from '../priors/support.ts';
import {
  BY_ROWS,
  BY_STATES,
  close,
  every,
  guidedTable,
  KINDS,
  OPTIONS,
  ramp,
  TOKENS,
  VALUES,
} from './guided-support.ts';

describe.each(KINDS)('what is kept of a policy guided by %s', (_, guide) => {
  const policyOf = (options: object = {}): Promise<TrainablePolicy> => guidedTable(guide, options);

  it('comes back to the last bit', async () => {
    const p = await policyOf();
    for (let i = 1; i < 4; i++) await p.update(every, ramp, { rate: 1 / i });
    const before = await p.snapshot();
    const on = async (q: TrainablePolicy): Promise<unknown> => {
      for (let i = 4; i < 8; i++) await q.update(every, ramp, { rate: 1 / i });
      return q.snapshot();
    };
    const first = await on(p);
    const other = await policyOf();
    await other.restore(before);
    expect(await on(other)).toEqual(first);
  });

  it('refuses the checkpoint of another guide, and is left as it was', async () => {
    const p = await policyOf();
    const before = await p.snapshot();
    const plain = await (await bigram(CHAIN, TOKENS).trainable!({ ...OPTIONS, guides: undefined })).snapshot();
    const moved = {
      ...plain,
      arrays: { ...plain.arrays, logits: plain.arrays['logits'].map((l, k) => l + Math.sin(k)) },
    };
    expect(await failure(() => p.restore(moved as Snapshot))).toMatch(/^P903: .*another guide/);
    const other = await policyOf({ guides: [guide === BY_ROWS ? BY_STATES : BY_ROWS] });
    expect(await failure(async () => p.restore(await other.snapshot()))).toMatch(/^P903: .*another guide/);
    expect(await p.snapshot()).toEqual(before);
  });

  it('has another name where its automaton is another', async () => {
    const p = await policyOf();
    const stored = await p.stored();
    const base = readStoredTable(baseOfGuided(stored));
    const name = 'guide 0:finalEnd';
    const other = {
      ...stored,
      arrays: { ...stored.arrays, [name]: stored.arrays[name].map((x) => x - 1) as Float64Array },
    };
    expect(readGuided(other, base).id).not.toBe(readGuided(stored, base).id);
    expect(readGuided(await p.stored(), base).id).toBe(readGuided(stored, base).id);
  });

  it('reads each law of a family back by its number', async () => {
    const base = bigram(CHAIN, TOKENS);
    const second = { ...base, table: { ...base.table!, start: 1 } };
    const values = VALUES.map((x) => x / 2);
    const p = await base.trainable!({ ...OPTIONS, guides: [guide, { ...guide, values }] }, [base, second]);
    const stored = await p.stored();
    for (const of of [0, 1]) {
      const read = readGuided(stored, readStoredTable(baseOfGuided(stored), of), of);
      close(await read.logProb(every), await p.laws[of].logProb(every), 12);
    }
  });

  it('can be frozen, and read back from a file as it is', async () => {
    const p = await policyOf();
    await p.update(every, ramp);
    const [frozen] = await p.frozen();
    const before = await p.logProb(every);
    const stored = unpackModel(Buffer.from(packModel(await p.stored())))!;
    await p.update(every, ramp);
    close(await frozen.logProb(every), before, 12);
    expect(await p.logProb(every)).not.toEqual(before);
    const read = readGuided(stored, readStoredTable(baseOfGuided(stored)));
    close(await read.logProb(every), before, 12);
    expect(read.capabilities.has('finiteState')).toBe(false);
  });
});
