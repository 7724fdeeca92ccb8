import { expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import { tradeOffCurve } from '../../src/engines/qrs/trade-off.ts';
import { target } from '../bind/support.ts';
import { TOY } from '../support/toy.ts';

it('works the curve of thresholds out for who looks at it, and only once', async () => {
  const t = await target(`${TOY}posterior = prior * exp(count("b"))`);
  const result = await run(t, { engine: 'qrs', draws: 100, seed: 'curve' });
  const own = Object.getOwnPropertyDescriptor(result.details, 'curve');
  expect(own).toMatchObject({ enumerable: true });
  expect(typeof own!.get).toBe('function');
  const { curve, logWeights, trace } = result.details!;
  expect(trace!.length).toBeGreaterThan(0);
  expect(curve).toEqual(tradeOffCurve(logWeights!, result.diagnostics.extra['logThreshold']));
  expect(result.details!.curve).toBe(curve);
  // What reports and run folders are made from.
  expect(JSON.parse(JSON.stringify(result.details)).curve).toHaveLength(curve!.length);
});
