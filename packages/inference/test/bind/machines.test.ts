import { describe, expect, it } from 'vitest';
import { isMachine, machineValues } from '../../src/machine/index.ts';
import { everySequence, PRIOR, target } from './support.ts';

describe('machines of factors', () => {
  const regular: readonly [string, 'regular' | 'additive'][] = [
    ['indicator(not contains("bb"))', 'regular'],
    ['exp(count("b"))', 'additive'],
    ['exp((count("b") - 0.1 * length) / 0.5)', 'additive'],
    ['exp(count("b")) * indicator(length == 2 or contains("aa"))', 'additive'],
    ['exp(if contains("ab") then 1.5 else -2)', 'regular'],
    ['exp(if contains("ab") then count("a") else 0.25 * length)', 'regular'],
    ['sigmoid(count("a") - count("b"))', 'regular'],
    ['(1 + length)', 'regular'],
    ['(1 / (1 + count("a"))) ^ 2', 'regular'],
    ['sqrt(exp(length))', 'additive'],
    ['exp(count("a") * count("b"))', 'regular'],
    ['exp(mean(ensemble(count("a"), length)))', 'additive'],
    ['exp(lower(ensemble(count("a"), length), 1))', 'regular'],
    ['mean(exp(gaussian(mean = count("b"), sd = 0.5)))', 'additive'],
    ['mean(exp(ensemble(count("a"), length, 1)))', 'regular'],
    ['exp(log_prob(prior))', 'additive'],
    ['indicator(count("a") >= count("b") and (finished implies length > 1))', 'regular'],
    ['max(indicator(contains("a")), 0.25)', 'regular'],
  ];

  it.each(regular)('%s is what it evaluates to on every sequence', async (factor, kind) => {
    const t = await target(`${PRIOR}posterior = prior * ${factor}`);
    const batch = everySequence(t.prior);
    const [f] = t.stages[0].factors;
    const values = await f.logWeights(batch);
    const machine = f.machine();
    if (!isMachine(machine)) throw new Error(machine.reason);
    const found = machineValues(machine, batch);
    found.forEach((x, i) => {
      if (values[i] === -Infinity) expect(x, batch.text(i)).toBe(-Infinity);
      else expect(x, batch.text(i)).toBeCloseTo(values[i], 12);
    });
    expect(f.capabilities.has(kind)).toBe(true);
    const largest = values.reduce((a, b) => Math.max(a, b));
    expect(f.logUpperBound).toBeGreaterThanOrEqual(largest);
    expect(f.logUpperBound).toBeLessThan(largest + 1e-9);
  });

  it('splits a marginalised ensemble into additive parts', async () => {
    const t = await target(`${PRIOR}posterior = prior * mean(exp(2 * ensemble(count("a"), length) - 1))`);
    const batch = everySequence(t.prior);
    const [f] = t.stages[0].factors;
    const values = await f.logWeights(batch);
    const sum = new Float64Array(batch.size);
    expect(f.parts).toHaveLength(2);
    for (const part of f.parts!) {
      const machine = part.machine();
      if (!isMachine(machine)) throw new Error(machine.reason);
      machineValues(machine, batch).forEach((x, i) => (sum[i] += part.weight * Math.exp(x)));
    }
    sum.forEach((x, i) => expect(Math.log(x)).toBeCloseTo(values[i], 12));
  });

  it('says why there is none', async () => {
    const t = await target(`${PRIOR}posterior = prior * exp(distinct(1))`);
    const [f] = t.stages[0].factors;
    const machine = f.machine();
    expect(isMachine(machine) ? '' : machine.reason).toContain('distinct(1)');
    expect([...f.capabilities].sort()).toEqual(['completeScore', 'upperBound']);
    expect(f.logUpperBound).toBeCloseTo(1, 10);
  });

  it('bounds only what the prior can produce', async () => {
    const chain =
      'prior = bigram({ "^": { "a": 1 }, "a": { "b": 0.5, "$": 0.5 }, "b": { "a": 0.5, "$": 0.5 } }, max_tokens = 5)\n';
    const t = await target(`${chain}posterior = prior * exp(count("a"))`);
    expect(t.stages[0].factors[0].logUpperBound).toBeCloseTo(3, 9);
  });
});
