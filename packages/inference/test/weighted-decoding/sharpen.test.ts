import { describe, expect, it } from 'vitest';
import { engineNamed, factorsOf, run, seededChooser } from '../../src/index.ts';
import { everySequence, target } from '../bind/support.ts';
import { failure } from '../support/outcome.ts';

const PRIOR =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 3)\n';
const FILES = [
  'prior * exp(0.7 * count("b"))',
  'prior * exp(count("a") - count("b")) | not contains("bb")',
  'prior * exp(0.3 * log_prob(prior))',
  'prior ^ 1.5',
];

describe('weighted decoding towards sharper factors', () => {
  const engine = engineNamed('weighted-decoding');

  it.each(FILES)('%s: the law is ∝ prior · φ^sharpen where the look-ahead is exact', async (posterior) => {
    const t = await target(`${PRIOR}posterior = ${posterior}`);
    const all = everySequence(t.prior);
    const logPrior = await t.prior.logProb(all);
    const logFactor = new Float64Array(all.size);
    for (const f of factorsOf(t)) (await f.logWeights(all)).forEach((w, i) => (logFactor[i] += w));
    for (const sharpen of [0.5, 2.5]) {
      const options = { ...engine.defaults, sharpen };
      const law = await engine.policy!(t, options as never, seededChooser('0'));
      const logQ = await law.logProb(all);
      const weights = logPrior.map((l, i) => (l === -Infinity ? 0 : Math.exp(l + sharpen * logFactor[i])));
      const total = weights.reduce((a, b) => a + b, 0);
      logQ.forEach((l, i) => expect(Math.exp(l)).toBeCloseTo(weights[i] / total, 12));
    }
  });

  it('does not pass for the posterior', async () => {
    const t = await target(`${PRIOR}posterior = ${FILES[0]}`);
    const plain = await run(t, { engine: 'weighted-decoding', draws: 50 });
    const sharp = await run(t, { engine: 'weighted-decoding', draws: 50, options: { sharpen: 2 } });
    expect([plain.guarantee, sharp.guarantee]).toEqual(['exact draws', 'heuristic']);
  });

  it.each([0, -1, Infinity])('refuses sharpen=%d', async (sharpen) => {
    const t = await target(`${PRIOR}posterior = ${FILES[0]}`);
    const error = await failure(run(t, { engine: 'weighted-decoding', draws: 1, options: { sharpen } }));
    expect(error.diagnostics[0]).toMatchObject({ code: 'P602' });
  });
});
