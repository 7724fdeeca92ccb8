import { describe, expect, it } from 'vitest';
import { Trace } from '../../src/run/trace.ts';
import { run } from '../../src/index.ts';
import { fixture } from '../bind/support.ts';

describe('the trace of a run', () => {
  it('thins evenly and keeps the last step', () => {
    const trace = new Trace();
    for (let i = 1; i <= 1001; i++) trace.add({ phase: '', draws: i, wanted: 0, modelCalls: i, ess: i / 2 });
    const points = trace.all()!;
    expect(points.length).toBeLessThanOrEqual(201);
    expect(points.at(-1)).toMatchObject({ modelCalls: 1001, ess: 500.5, logZ: null });
    const gaps = new Set(points.slice(1, -1).map((p, i) => p.modelCalls - points[i].modelCalls));
    expect([...gaps]).toHaveLength(1);
  });

  it('is there for runs that ask the prior, and not for exact ones', async () => {
    const t = await fixture('soft', 'posterior');
    expect((await run(t, { engine: 'importance' })).details!.trace!.at(-1)!.modelCalls).toBe(1000);
    expect((await run(t, { engine: 'exact' })).details?.trace).toBeUndefined();
  });
});
