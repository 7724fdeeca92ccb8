import { describe, expect, it } from 'vitest';
import { run, seededChooser, type StepMetrics, type Target } from '../../src/index.ts';
import { fixture, PRIOR, target } from '../bind/support.ts';
import { exactElbo, forwardKl, listed, moved, trained, trainerOf } from './support.ts';

const SOFT = `${PRIOR}posterior = prior * exp(count("b") / 0.5)`;

async function lawsOnTheWay(t: Target, engine: string, options: Readonly<Record<string, unknown>>) {
  const trainer = await trainerOf(engine, t, options);
  const found = [];
  while (!trainer.done) {
    await trainer.advance();
    if (trainer.training.step % 25 === 0) found.push((await trainer.policy.frozen())[0]);
  }
  return found;
}

/** What the essay says of these objectives (`scope.md`, rows 7 to 14), on priors where everything can be summed up. */
describe('identities', () => {
  it('J = log Z − KL(π ‖ p), at every checkpoint; it never exceeds log Z', async () => {
    const t = await target(SOFT);
    const { logZ, logGamma, batch } = await listed(t);
    const laws = await lawsOnTheWay(t, 'kl-rl', { steps: 150, batch: 64 });
    expect(laws.length).toBe(6);
    for (const law of laws) {
      const logPi = await law.logProb(batch);
      const kl = logPi.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(l) * (l - logGamma[i] + logZ)), 0);
      const j = await exactElbo(t, law);
      expect(j).toBeCloseTo(logZ - kl, 10);
      expect(j).toBeLessThan(logZ);
    }
  });

  it('both forms of the ELBO agree to rounding in every line of a log', async () => {
    const t = await target(SOFT);
    const trainer = await trainerOf('kl-rl', t, { steps: 50, batch: 64 });
    while (!trainer.done) {
      const m: StepMetrics = await trainer.advance();
      expect(m.elboFromKl).toBeCloseTo(m.elbo, 10);
    }
  });

  it('E[r′] with r′ = r + β (log prior − log π) is J: the log of a run on many texts is the exact figure', async () => {
    const t = await target(SOFT);
    const trainer = await trainerOf('kl-rl', t, { steps: 1, batch: 100_000 });
    const [law] = await trainer.policy.frozen();
    const m = await trainer.advance();
    const exact = await exactElbo(t, law);
    const se = m.logFactorSd / Math.sqrt(100_000);
    expect(Math.abs(m.elbo - exact)).toBeLessThan(5 * se);
  });

  it('control as inference: log p(O = 1) = log Z for an optimality of r ≤ 0, and the ELBO bounds it', async () => {
    const t = await target(`${PRIOR}posterior = prior * optimality(0 - count("b"))`);
    const { logPrior, logFactor, logZ } = await listed(t);
    const optimal = logPrior.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(l) * Math.exp(logFactor[i])), 0);
    expect(Math.log(optimal)).toBeCloseTo(logZ, 12);
    const law = await trained(await trainerOf('kl-rl', t, { steps: 200, batch: 128, positions: true }));
    const j = await exactElbo(t, law);
    expect(j).toBeLessThan(logZ);
    expect(j).toBeGreaterThan(logZ - 0.02);
  });

  it('the prior is the optimum for a constant reward, and every objective comes back there', async () => {
    const t = await target(`${PRIOR}posterior = prior * exp(0 * length)`);
    for (const engine of ['kl-rl', 'gdc', 'f-dpg', 'trajectory-balance']) {
      const trainer = await trainerOf(engine, t, { steps: 100, batch: 64 });
      await moved(trainer.policy);
      const law = await trained(trainer);
      expect(await forwardKl(t, law), engine).toBeLessThan(1e-4);
    }
  });

  it('moments: gdc reaches the exponential-family target, λ and all', async () => {
    const t = await fixture('markov6', 'C');
    const trainer = await trainerOf('gdc', t, { steps: 200, clip: 0 });
    expect(trainer.fitted[0].lambda![0]).toBeCloseTo(0.42956626946636, 8);
    const law = await trained(trainer);
    const [fitted] = trainer.fitted;
    const before = await forwardKl(fitted.target, t.prior);
    expect(await forwardKl(fitted.target, law)).toBeLessThan(before / 2);
  });

  it('supervised training is KL(p̂ ‖ π): its loss is the cross entropy of its draws', async () => {
    const t = await target(SOFT);
    const { draws } = await run(t, { engine: 'exact', draws: 5000 });
    const result = await run(t, {
      engine: 'sft',
      options: { steps: 100, batch: 256, draws: 5000, positions: true },
      draws: 10,
    });
    const exact = await run(t, { engine: 'exact', draws: 0 });
    expect(draws.length).toBe(5000);
    expect(result.details!.divergences!['klReverse']!.value).toBeLessThan(0.02);
    expect(Math.abs(result.entropy!.value - exact.entropy!.value)).toBeLessThan(0.15);
  });

  it('without the KL there is collapse: rl ends far below the entropy of the posterior, kl-rl and gdc do not', async () => {
    const t = await target(SOFT);
    const exact = await run(t, { engine: 'exact', draws: 0 });
    const entropyOf = async (engine: string): Promise<number> => {
      const law = await trained(await trainerOf(engine, t, { steps: 200, batch: 128, positions: true, clip: 0 }));
      const logPi = await law.logProb((await listed(t)).batch);
      return -logPi.reduce((s, l) => (l === -Infinity ? s : s + Math.exp(l) * l), 0);
    };
    expect(await entropyOf('rl')).toBeLessThan(0.2 * exact.entropy!.value);
    for (const engine of ['kl-rl', 'gdc']) {
      expect(await entropyOf(engine), engine).toBeGreaterThan(0.9 * exact.entropy!.value);
    }
  });

  it('two families of divergence part where the family is too small: forward covers, reverse seeks', async () => {
    const t = await fixture('markov6', 'B');
    const forwards = await trained(await trainerOf('gdc', t, { clip: 0 }));
    const reverse = await trained(await trainerOf('kl-rl', t, { clip: 0 }));
    expect(await forwardKl(t, forwards)).toBeLessThan(await forwardKl(t, reverse));
    expect(await exactElbo(t, reverse)).toBeGreaterThan(await exactElbo(t, forwards));
  });

  it('a law to propose from is refused by what would not look at it', async () => {
    const t = await target(SOFT);
    for (const options of [{ method: 'ppo' }, { method: 'ppo', proposal: 'weighted-decoding' }]) {
      const work = run(t, { engine: 'kl-rl', options: { steps: 2, batch: 8, ...options }, law: t.prior, draws: 0 });
      await expect(work, JSON.stringify(options)).rejects.toThrow('method=reinforce');
    }
  });

  it.each([
    [{ method: 'ppo', control: 'prior' }, 'control goes with method=reinforce alone'],
    [{ moments: 'row' }, 'moments is entry or array, found row'],
    [{ warmup: 1.5 }, 'warmup is a whole number'],
    [{ proposalBase: 'other' }, 'proposalBase is prior or policy, found other'],
    [{ proposalShare: 1 }, 'proposalShare is above 0 and below 1, found 1'],
    [{ proposalBase: 'policy' }, 'proposalBase is said of a proposal, and there is none'],
    [{ proposalShare: 0.2 }, 'proposalShare is said of a proposal, and there is none'],
    [{ control: 'posterior' }, 'control is none, prior, start, proposal or ahead, found posterior'],
    [{ guideDraws: 10 }, 'guideDraws is said of a guide, and there is none'],
    [{ guideRate: 0 }, 'guideRate is said of a guide, and there is none'],
    [{ guide: 'tokens' }, 'guide is none, states or rows, found tokens'],
    [{ guide: 'rows', controlDepth: 1.5 }, 'controlDepth is a whole number'],
    [{ guide: 'states', guideDraws: 1.5 }, 'guideDraws is a whole number'],
    [{ guide: 'states', guideDraws: 0 }, 'guideDraws of kl-rl takes a positive number, found 0'],
    [{ control: 'proposal' }, 'there is none: give the option proposal'],
    [{ proposalBase: 'policy', proposal: 'exact' }, 'goes with a proposal that decodes token by token'],
  ])('refuses %j', async (options, words) => {
    const t = await target(SOFT);
    const work = run(t, { engine: 'kl-rl', options: { steps: 2, batch: 8, ...options }, draws: 0 });
    await expect(work).rejects.toThrow(words);
  });

  it('is the same run for the same seed, and another for another', async () => {
    const t = await target(SOFT);
    const loss = async (seed: string): Promise<number> => {
      const trainer = await trainerOf('trajectory-balance', t, { steps: 10, batch: 32 }, seededChooser(seed));
      let last = 0;
      while (!trainer.done) last = (await trainer.advance()).loss;
      return last;
    };
    expect(await loss('a')).toBe(await loss('a'));
    expect(await loss('a')).not.toBe(await loss('b'));
  });
});
