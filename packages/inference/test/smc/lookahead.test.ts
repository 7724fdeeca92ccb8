import { describe, expect, it } from 'vitest';
import { run } from '../../src/index.ts';
import { answersOf, fixture, target } from '../bind/support.ts';
import { listedTwist, particlesOf } from './support.ts';
import { seededChooser } from '../../src/chooser/index.ts';
import { twistedExtension } from '../../src/smc/index.ts';
import { twistFor } from '../../src/twists/index.ts';

const logZOf = (name: string): number => answersOf('markov6').find(([n]) => n === name)![1].logZ;

function variance(values: ArrayLike<number>): number {
  const xs = Array.from(values);
  const mean = xs.reduce((a, b) => a + b, 0) / xs.length;
  return xs.reduce((s, x) => s + (x - mean) ** 2, 0) / xs.length;
}

describe('the exact look-ahead', () => {
  it.each(['A', 'B', 'C'])('gives every particle the same weight on markov6 %s', async (name) => {
    const t = await fixture('markov6', name);
    const r = await run(t, { engine: 'smc', draws: 100, options: { twist: 'lookahead' } });
    expect(r.logZ!.value).toBeCloseTo(logZOf(name), 10);
    expect(variance(r.details!.logWeights!)).toBeLessThan(1e-20);
    expect(r.diagnostics.verdict).toBe('ok');
    expect(r.diagnostics.extra.resamplings).toBe(0);
  });

  it('gives constant weights as a twist too, whose proposal is locally optimal', async () => {
    const t = await target(
      'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 6)\nposterior = prior * exp(distinct(1)) | not contains("bb")',
    );
    const extension = twistedExtension(t.prior, await listedTwist(t));
    const r = await particlesOf(t, extension, { particles: 200 }, seededChooser('a'));
    expect(variance(r.particles.logWeight)).toBeLessThan(1e-20);
  });

  it('steers by what has an automaton and leaves the rest to the weights', async () => {
    const program = (twist: string) =>
      `prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 9)\nposterior = prior * exp(distinct(1)) ${twist}`;
    const t = await target(program('| count("ab") == 3'));
    const exact = await run(t, { engine: 'exact' });
    const steered = await run(t, { engine: 'smc', draws: 20 });
    const plain = await run(t, { engine: 'smc', draws: 20, options: { twist: 'none' } });
    for (const r of [steered, plain])
      expect(Math.abs(r.logZ!.value - exact.logZ!.value) / r.logZ!.standardError!).toBeLessThan(5.2);
    expect(steered.logZ!.standardError!).toBeLessThan(0.2 * plain.logZ!.standardError!);
  });
});

/** RMSE of log Z of single runs of 100 particles; the benchmark in `bench` allows 0.14. */
it('is not needed for an RMSE of 0.14 at 100 particles on markov6 B: the scores so far do', async () => {
  const t = await fixture('markov6', 'B');
  const extension = twistedExtension(t.prior, await twistFor(t, 'prefix', {}, seededChooser('twist')));
  const runs = 200;
  let squares = 0;
  for (let i = 0; i < runs; i++) {
    const r = await particlesOf(t, extension, { particles: 100 }, seededChooser(`rmse ${i}`));
    squares += (r.logZ - logZOf('B')) ** 2;
  }
  const rmse = Math.sqrt(squares / runs);
  console.info(`markov6 B, 100 particles, twist prefix: RMSE of log Z ${rmse.toFixed(4)} over ${runs} seeds`);
  // The seeds are fixed; over 200 of them the RMSE itself has a standard error of about 0.007.
  expect(rmse).toBeLessThan(0.14);
});
