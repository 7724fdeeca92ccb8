import { describe, expect, it } from 'vitest';
import type { Target } from '../../src/index.ts';
import { fixture } from '../bind/support.ts';
import { exactElbo, forwardKl, trained, trainerOf } from './support.ts';

/** Forward KL of the best table of order 2, by matching the posterior's own transitions (bench/README.md). */
const FLOOR = { A: 0.00421, B: 0.08482 };
/** The best that another system's table reaches in 300 steps of 512 draws. */
const PEER = { A: 0.0073, B: 0.0872 };
const DRAWS = { steps: 300, batch: 512, clip: 0 };

/** ELBO of the best stationary table for B, found by policy iteration on the exact recursion, to the last digits. */
function reverseProjection(t: Target): number {
  const { vocabularySize: V, contexts: H, rowStart, words, probs, targets, start } = t.prior.table!;
  const T = t.prior.maxTokens;
  const paid = t.prior.vocabulary.tokens.map((token) => (token === 'c' ? 2 : 0));
  const rows = Array.from({ length: H }, (_, h) => {
    const row: { w: number; log: number; to: number }[] = [];
    for (let k = rowStart[h]; k < rowStart[h + 1]; k++) {
      if (words[k] < V && probs[k] > 0)
        row.push({ w: words[k], log: Math.log(probs[k]) + paid[words[k]], to: targets[k] });
    }
    return row;
  });
  let logits = rows.map((row) => row.map((x) => x.log));
  const softmax = (l: readonly number[]): number[] => {
    const max = Math.max(...l);
    const e = l.map((x) => Math.exp(x - max));
    const sum = e.reduce((a, b) => a + b, 0);
    return e.map((x) => x / sum);
  };
  let best = -Infinity;
  for (let round = 0; round < 400; round++) {
    const pi = logits.map(softmax);
    const values = Array.from({ length: T + 1 }, () => new Float64Array(H));
    for (let s = T - 1; s >= 0; s--) {
      for (let h = 0; h < H; h++) {
        values[s][h] = rows[h].reduce(
          (v, x, i) => v + pi[h][i] * (x.log - Math.log(pi[h][i]) + values[s + 1][x.to]),
          0,
        );
      }
    }
    best = values[0][start];
    let visits = new Float64Array(H);
    visits[start] = 1;
    const total = new Float64Array(H);
    const worth = rows.map((row) => row.map(() => 0));
    for (let s = 0; s < T; s++) {
      const next = new Float64Array(H);
      for (let h = 0; h < H; h++) {
        if (visits[h] === 0) continue;
        total[h] += visits[h];
        rows[h].forEach((x, i) => {
          worth[h][i] += visits[h] * (x.log + values[s + 1][x.to]);
          next[x.to] += visits[h] * pi[h][i];
        });
      }
      visits = next;
    }
    logits = logits.map((l, h) =>
      total[h] === 0 ? l : l.map((_, i) => 0.5 * Math.log(pi[h][i]) + (0.5 * worth[h][i]) / total[h]),
    );
  }
  return best;
}

describe('tables of order 2 on markov6', () => {
  it.each(['A', 'B'] as const)(
    'gdc on %s goes below the best peer in as many draws',
    { timeout: 120_000 },
    async (name) => {
      const t = await fixture('markov6', name);
      const trainer = await trainerOf('gdc', t, DRAWS);
      const law = await trained(trainer);
      expect(trainer.drawn).toBe(300 * 512);
      const kl = await forwardKl(t, law);
      expect(kl).toBeGreaterThan(FLOOR[name] - 1e-5);
      expect(kl).toBeLessThan(PEER[name]);
      expect(kl / FLOOR[name]).toBeLessThan(name === 'A' ? 1.08 : 1.05);
    },
  );

  it.each([
    ['kl-rl', {}],
    ['trajectory-balance', { replay: 0, explore: 0 }],
  ])('%s on B reaches the reverse-KL projection within 1%', { timeout: 120_000 }, async (engine, options) => {
    const t = await fixture('markov6', 'B');
    const projection = reverseProjection(t);
    const logZ = 5.880686402285235;
    const law = await trained(await trainerOf(engine, t, { ...DRAWS, steps: 600, ...options }));
    const [reached, least] = [logZ - (await exactElbo(t, law)), logZ - projection];
    expect(least).toBeGreaterThan(0.05);
    expect(reached).toBeGreaterThan(least - 1e-9);
    expect(reached / least).toBeLessThan(1.01);
  });

  it.each([
    ['gdc', { steps: 600 }, 0.01],
    ['trajectory-balance', {}, 0.005],
    ['kl-rl', { steps: 600 }, 0.01],
    ['dpo', { steps: 2000 }, 0.05],
  ])(
    '%s comes to B itself where the family holds it: a row for each position',
    { timeout: 240_000 },
    async (engine, options, most) => {
      const t = await fixture('markov6', 'B');
      const law = await trained(await trainerOf(engine, t, { ...DRAWS, positions: true, ...options }));
      expect(await forwardKl(t, law)).toBeLessThan(most);
    },
  );

  it('f-dpg by every divergence comes nearer than the prior', { timeout: 240_000 }, async () => {
    const t = await fixture('markov6', 'B');
    const before = await forwardKl(t, t.prior);
    for (const divergence of ['js', 'tv', 'forward-kl', 'reverse-kl', 'chi2-forward', 'chi2-reverse']) {
      const law = await trained(await trainerOf('f-dpg', t, { ...DRAWS, steps: 200, batch: 256, divergence }));
      expect(await forwardKl(t, law), divergence).toBeLessThan(before / 15);
    }
  });
});
