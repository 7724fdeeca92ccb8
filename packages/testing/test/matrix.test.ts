import { PostError } from '@postulate/graph';
import { engineNamed, run, type Approximation, type Target } from '@postulate/inference';
import { decode, packSequences, textBatch } from '@postulate/models';
import { describe, expect, it } from 'vitest';
import { allGates, close, countBy, multinomialGate, zGate, type GateOptions, type GateResult } from '../src/index.ts';
import { FIXTURE_CELLS, MARKOV_CELLS, type Answer, type Cell } from './answers.ts';
import { targetOfFile } from './pipeline.ts';

const CELLS = [...FIXTURE_CELLS, ...MARKOV_CELLS];
const EMPTY = CELLS.filter((c) => c.answer.zeroMass === true);
const FULL = CELLS.filter((c) => c.answer.zeroMass !== true);

const bound = (cell: Cell): Promise<Target> => targetOfFile(cell.path, cell.posterior, { set: cell.set });

const runOn = (target: Target, engine: string, draws: number, options: Readonly<Record<string, number>> = {}) =>
  run(target, { engine, options, draws, seed: 'matrix', budget: 100_000 });

const textsOf = (target: Target, result: Approximation) =>
  countBy(result.draws, (d) => decode(target.prior.vocabulary, d.tokens));

/** Largest difference of a run's figures to the answers, each relative above 1 and absolute below. */
function differences(result: Approximation, answer: Answer): string[] {
  const wrong: string[] = [];
  const same = (name: string, found: number | null | undefined, expected: number | null | undefined) => {
    if (expected === null || expected === undefined) return;
    if (typeof found !== 'number' || !close(found, expected, 1e-9)) wrong.push(`${name}: ${found}, not ${expected}`);
  };
  same('logZ', result.logZ?.value, answer.logZ);
  same('entropy', result.entropy?.value, answer.entropy);
  same('klToPrior', result.klToPrior?.value, answer.klToPrior);
  for (const [name, value] of Object.entries(answer.expectations ?? {}))
    same(name, result.expectations[name]?.value, value);
  answer.lambda?.forEach((l, i) => same(`lambda ${i}`, result.lambda?.[i], l));
  if (answer.support !== undefined) {
    const found = new Map((result.support ?? []).map((s) => [s.text, s.probability]));
    for (const [text, p] of Object.entries(answer.support)) same(`P("${text}")`, found.get(text), p);
    same('texts', found.size, Object.keys(answer.support).length);
  }
  return wrong;
}

/** Every draw carries its own log prior and log factor; with moments, those of the fitted λ. */
async function expectDrawsToCarryTheirLogs(target: Target, result: Approximation): Promise<void> {
  const draws = result.draws.slice(0, 200);
  const packed = packSequences(draws.map((d) => d.tokens), draws.map((d) => d.finished)); // prettier-ignore
  const batch = textBatch(target.prior.vocabulary, packed);
  const logPrior = await target.prior.logProb(batch);
  const logFactor = new Float64Array(batch.size);
  for (const f of target.stages.flatMap((s) => s.factors))
    (await f.logWeights(batch)).forEach((w, i) => (logFactor[i] += w));
  for (const [k, m] of target.stages.flatMap((s) => s.moments).entries())
    (await m.function.values(batch)).forEach((v, i) => (logFactor[i] += result.lambda![k] * v));
  draws.forEach((d, i) => {
    expect(close(d.logPrior, logPrior[i], 1e-9), `log prior ${d.logPrior}, not ${logPrior[i]}`).toBe(true);
    expect(close(d.logFactor, logFactor[i], 1e-9), `log factor ${d.logFactor}, not ${logFactor[i]}`).toBe(true);
  });
}

describe('exact', () => {
  it.each(FULL)('$label', async (cell) => {
    const target = await bound(cell);
    const result = await runOn(target, 'exact', 4000);
    expect(differences(result, cell.answer)).toEqual([]);
    expect(result.logZ?.kind).toBe('exact');
    await expectDrawsToCarryTheirLogs(target, result);
    const { support } = cell.answer;
    if (support === undefined) return;
    const gate = multinomialGate(textsOf(target, result), new Map(Object.entries(support)));
    expect(gate.passes, gate.message).toBe(true);
  });
});

/** Gates of everything that a sampling engine reports with an error bar, together at a false-alarm rate of 1e-6. */
function estimateGate(result: Approximation, answer: Answer): GateResult {
  const gates: ((share: GateOptions) => GateResult)[] = [];
  const add = (
    found: { value: number; standardError: number | null } | null | undefined,
    truth: number | null | undefined,
  ) => {
    if (found === null || found === undefined || typeof truth !== 'number' || found.standardError === null) return;
    // Exactly known figures (an event that is certain) may differ by rounding.
    const error = Math.max(found.standardError, 1e-12 * Math.max(1, Math.abs(truth)));
    gates.push((share) => zGate(found.value, error, truth, share));
  };
  add(result.logZ, answer.logZ);
  add(result.entropy, answer.entropy);
  add(result.klToPrior, answer.klToPrior);
  for (const [name, truth] of Object.entries(answer.expectations ?? {})) add(result.expectations[name], truth);
  expect(gates.length).toBeGreaterThan(0);
  return allGates('estimates', gates);
}

/** Cells that an engine did not run, or ran and told us not to trust: counted below, not gated. */
const apart: Record<string, string[]> = { rejection: [], importance: [] };
const gated: Record<string, number> = { rejection: 0, importance: 0 };

/** A run that found nothing says so (P603, P604); anything else is a failure. */
function degenerate(error: unknown): PostError {
  if (error instanceof PostError && ['P603', 'P604'].includes(error.code)) return error;
  throw error;
}

describe.each(['rejection', 'importance'])('%s', (engine) => {
  it.each(FULL)('$label', async (cell) => {
    const target = await bound(cell);
    const fitness = engineNamed(engine).fitness(target);
    if (!fitness.fits) {
      apart[engine].push(`${cell.label}: ${fitness.reason}`);
      await expect(runOn(target, engine, 10)).rejects.toThrow(PostError);
      return;
    }
    const options: Record<string, number> = engine === 'importance' ? { proposals: 20_000 } : {};
    const result = await runOn(target, engine, 4000, options).catch(degenerate);
    if (result instanceof PostError) {
      apart[engine].push(`${cell.label}: ${result.message}`);
      return;
    }
    if (result.diagnostics.verdict !== 'ok') {
      apart[engine].push(`${cell.label}: ${result.diagnostics.verdict}`);
      return;
    }
    gated[engine]++;
    await expectDrawsToCarryTheirLogs(target, result);
    const estimates = estimateGate(result, cell.answer);
    expect(estimates.passes, estimates.message).toBe(true);
    if (engine !== 'rejection' || cell.answer.support === undefined) return;
    expect(result.draws).toHaveLength(4000);
    const gate = multinomialGate(textsOf(target, result), new Map(Object.entries(cell.answer.support)));
    expect(gate.passes, gate.message).toBe(true);
  });

  it('gates most cells', () => {
    console.log(`${engine}: ${gated[engine]} of ${FULL.length} cells gated; apart:\n  ${apart[engine].join('\n  ')}`);
    expect(gated[engine]).toBeGreaterThanOrEqual(FULL.length - 3);
  });
});

describe('empty posteriors are refused', () => {
  it.each(EMPTY.flatMap((cell) => ['exact', 'rejection', 'importance', 'auto'].map((engine) => ({ cell, engine }))))(
    '$engine: $cell.label',
    async ({ cell, engine }) => {
      const attempt = bound(cell).then((target) =>
        run(target, { engine, options: {}, draws: 10, seed: '0', budget: 20_000 }),
      );
      const error: unknown = await attempt.then(() => undefined, (e: unknown) => e); // prettier-ignore
      expect(error).toBeInstanceOf(PostError);
      expect(['P403', 'P604']).toContain((error as PostError).code);
      expect((error as PostError).message.length).toBeGreaterThan(20);
    },
  );
});
