import { seededChooser, type Approximation, type BoundFunction, type Factor, type Target } from '@postulate/inference';
import { textBatch } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { allSequences, certaintyLaw, posteriorLaws, shiftLaw, type LawReport, type Runner } from '../../src/index.ts';
import { COUNT_B, machineFactor, machineFunction, NO_BB, toyModel } from './toy.ts';

const model = toyModel();
const named: BoundFunction[] = [machineFunction(COUNT_B)];
const soft = machineFactor(COUNT_B, { label: 'exp(count)' });
const hard = machineFactor(NO_BB, { label: 'no bb', capabilities: new Set(['completeScore', 'regular', 'boolean']) });
const target = (...factors: Factor[]): Target => ({
  ...{ name: 'toy', graphHash: '', context: {}, prior: model, named },
  stages: [{ factors, moments: [] }],
});

/** A small oracle by enumeration; `spoil` lets a test plant a mistake. */
const enumerating =
  (spoil: (logWeight: number, factors: readonly Factor[]) => number = (w) => w): Runner =>
  async ({ prior, stages, named: functions }): Promise<Approximation> => {
    const batch = textBatch(prior.vocabulary, allSequences(prior.vocabulary.size, prior.maxTokens)!);
    const logPrior = await prior.logProb(batch);
    const factors = stages.flatMap((s) => s.factors);
    const log = Float64Array.from(logPrior);
    for (const f of factors) (await f.logWeights(batch)).forEach((w, i) => (log[i] += w));
    log.forEach((w, i) => (log[i] = spoil(w, factors)));
    const z = log.reduce((a, w) => a + Math.exp(w), 0);
    const p = log.map((w) => Math.exp(w) / z);
    const mean = (values: ArrayLike<number>) => p.reduce((a, x, i) => (x > 0 ? a + x * values[i] : a), 0);
    const exact = (value: number) => ({ value, standardError: 0 });
    const chooser = seededChooser('toy');
    const draws = Array.from({ length: 20 }, () => chooser.choose(log.map((w) => w - Math.log(z)))).map((i) => ({
      tokens: batch.tokens.slice(batch.offsets[i], batch.offsets[i + 1]),
      finished: batch.finished[i] === 1,
      ...{ logPrior: logPrior[i], logFactor: log[i] - logPrior[i], logWeight: 0 },
    }));
    const expectations = Object.fromEntries(
      await Promise.all(functions.map(async (f) => [f.name, exact(mean(await f.values(batch)))] as const)),
    );
    return {
      ...{ kind: 'exact', engine: 'toy', guarantee: 'exact', draws, expectations, lambda: null, support: null },
      logZ: { value: Math.log(z), standardError: 0, kind: 'exact' },
      entropy: exact(mean(p.map((x) => -Math.log(x)))),
      klToPrior: exact(mean(log.map((w, i) => w - Math.log(z) - logPrior[i]))),
      diagnostics: { ess: null, paretoK: null, acceptanceRate: null, modelCalls: 0, verdict: 'ok', extra: {} },
      ...{ unavailable: {}, warnings: [] },
    };
  };

const broken = (reports: readonly LawReport[]) => reports.filter((r) => !r.holds).map((r) => r.law);

describe('posteriorLaws', () => {
  it('hold for exact enumeration', async () => {
    const reports = await posteriorLaws(target(soft, hard), enumerating());
    expect(broken(reports)).toEqual([]);
    for (const r of reports) expect(r.checked).toBeGreaterThan(2);
  });

  const mistakes: readonly (readonly [string, (w: number, f: readonly Factor[]) => number, string])[] = [
    ['a bonus that depends on how many factors there are', (w, f) => w + f.length, 'the grouping of factors does not matter'],
    ['clipped weights', (w) => Math.min(w, -2), 'r + c leaves draws unchanged and moves logZ by c/beta'],
    ['the first factor counted for more', (w, f) => (f[0] === hard ? w - 1 : w), 'the order of factors does not matter'],
    ['a price per condition', (w, f) => w - (f.filter((x) => x === hard).length > 1 ? 1 : 0), 'conditioning twice is conditioning once'],
    ['weights that leak into the prior', (w, f) => (f.length === 1 ? w - 0.1 : w), 'a factor of 1 returns the prior'],
    ['a floor under the temperature', (w, f) => (f.length === 1 ? w * 1.001 : w), 'beta to infinity gives the prior'],
  ]; // prettier-ignore
  it.each(mistakes)('catch %s', async (_, spoil, law) => {
    expect(broken(await posteriorLaws(target(soft, hard), enumerating(spoil)))).toContain(law);
  });

  it('compare two ways of writing', async () => {
    expect((await shiftLaw(target(soft), target(soft), 0, enumerating())).holds).toBe(true);
    expect(await shiftLaw(target(soft), target(soft), 0.5, enumerating())).toMatchObject({ holds: false });
    expect((await certaintyLaw(target(hard), target(hard, hard), enumerating())).holds).toBe(true);
    expect(await certaintyLaw(target(soft), target(hard), enumerating())).toMatchObject({ holds: false });
  });
});
