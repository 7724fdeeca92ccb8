import { describe, expect, it } from 'vitest';
import { coverageGate, covers } from '../../../testing/src/index.ts';
import {
  estimateDivergences,
  exactDivergences,
  listTarget,
  seededChooser,
  type DensitySample,
  type DivergenceName,
  type DivergenceOptions,
} from '../../src/index.ts';
import { PRIOR, target } from '../bind/support.ts';

const NAMES: readonly DivergenceName[] = ['klForward', 'klReverse', 'tv', 'js', 'chi2'];

/** Two laws on six outcomes; the first is known up to the factor 7. */
const P = [0.4, 0.3, 0.15, 0.1, 0.05, 0];
const Q = [0.1, 0.2, 0.3, 0.25, 0.1, 0.05];
const H = [0.2, 0.2, 0.2, 0.2, 0.1, 0.1];
const log = (x: readonly number[], factor = 1): Float64Array => Float64Array.from(x, (v) => Math.log(factor * v));

/** The figures by their definitions in the plain scale. */
function plain(p: readonly number[], q: readonly number[]): Record<DivergenceName, number> {
  const kl = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((s, x, i) => (x === 0 ? s : s + x * Math.log(x / b[i])), 0);
  const middle = p.map((x, i) => (x + q[i]) / 2);
  return {
    klForward: kl(p, q),
    klReverse: kl(q, p),
    tv: p.reduce((s, x, i) => s + Math.abs(x - q[i]), 0) / 2,
    js: (kl(p, middle) + kl(q, middle)) / 2,
    chi2: p.reduce((s, x, i) => (x === 0 ? s : s + (x * x) / q[i]), 0) - 1,
  };
}

/** A sample of 20 in which every outcome is there exactly as often as it is expected under `h`. */
function proportional(p: readonly number[], q: readonly number[], h: readonly number[]): DensitySample {
  const rows = h.flatMap((x, i) => new Array<number>(Math.round(20 * x)).fill(i));
  const pick = (l: Float64Array): Float64Array => Float64Array.from(rows, (i) => l[i]);
  const logProposal = pick(log(h));
  return { logP: pick(log(p, 7)), logQ: q === h ? logProposal : pick(log(q)), logProposal };
}

/** Standard errors by leaving out one draw at a time (Quenouille, Tukey). */
function jackknife(sample: DensitySample, options: DivergenceOptions): Record<DivergenceName, number> {
  const n = sample.logP.length;
  const left = Array.from({ length: n }, (_, out) => {
    const without = (x: Float64Array): Float64Array => x.filter((_, i) => i !== out);
    const { logP, logQ, logProposal } = sample;
    const part = { logP: without(logP), logQ: without(logQ), logProposal: without(logProposal) };
    return estimateDivergences(part, options);
  });
  const errors = NAMES.map((name) => {
    const mean = left.reduce((s, r) => s + r[name]!.value, 0) / n;
    return [name, Math.sqrt(((n - 1) / n) * left.reduce((s, r) => s + (r[name]!.value - mean) ** 2, 0))] as const;
  });
  return Object.fromEntries(errors) as Record<DivergenceName, number>;
}

function randomSample(size: number, seed: string, h: readonly number[]): DensitySample {
  const chooser = seededChooser(seed);
  const rows = Array.from({ length: size }, () => chooser.choose(log(h)));
  const pick = (l: Float64Array): Float64Array => Float64Array.from(rows, (i) => l[i]);
  return { logP: pick(log(P, 7)), logQ: pick(log(Q)), logProposal: pick(log(h)) };
}

describe('divergences of listed laws', () => {
  it('are what their definitions say', () => {
    const exact = exactDivergences(log(P, 7), log(Q));
    const expected = plain(P, Q);
    expect(exact.klReverse).toBe(Infinity);
    for (const name of NAMES) if (name !== 'klReverse') expect(exact[name]).toBeCloseTo(expected[name], 12);
    expect(exactDivergences(log(Q, 3), log(P)).klForward).toBe(Infinity);
    expect(exactDivergences(log(Q, 3), log(P)).chi2).toBe(Infinity);
  });

  it('are zero between equal laws', () => {
    for (const name of NAMES) expect(exactDivergences(log(P, 7), log(P))[name]).toBeLessThan(1e-15);
    for (const name of NAMES) expect(exactDivergences(log(P, 7), log(P, 3), false)[name]).toBeLessThan(1e-15);
  });

  it('count what lies outside the list as mass of q alone', () => {
    const inside = exactDivergences(log(P.slice(0, 5), 7), log(Q.slice(0, 5)));
    const whole = exactDivergences(log(P, 7), log(Q));
    for (const name of NAMES) {
      if (name === 'klReverse') expect(inside[name]).toBe(Infinity);
      else expect(inside[name]).toBeCloseTo(whole[name], 12);
    }
  });

  it('list a target with its weights', async () => {
    const t = await target(`${PRIOR}posterior = prior * exp(count("b")) | not contains("bb")`);
    const listed = (await listTarget(t, 100))!;
    expect(listed.listing.size).toBe(15);
    const z = listed.logP.reduce((s, l) => s + Math.exp(l), 0);
    expect(z).toBeCloseTo(1.3947659493, 10);
    expect(await listTarget(t, 14)).toBeUndefined();
  });
});

describe('estimates of divergences', () => {
  it.each([
    ['its own draws', Q],
    ['draws of another law', H],
  ])('are exact on a sample in proportion: %s', (_, h) => {
    const found = estimateDivergences(proportional(P, Q, h as readonly number[]));
    const expected = plain(P, Q);
    for (const name of NAMES) {
      if (name === 'klReverse') {
        expect(found.klReverse).toEqual({ value: Infinity, standardError: null });
        expect(found.notes.join()).toContain('KL(q ‖ p) is infinite');
      } else expect(found[name]!.value).toBeCloseTo(expected[name], 12);
    }
  });

  it('take laws that are both unnormalised', () => {
    const sample = proportional(P, Q, H);
    const scaled = { ...sample, logQ: sample.logQ.map((x) => x + 3) };
    const found = estimateDivergences(scaled, { normalised: false });
    for (const name of NAMES) {
      if (name !== 'klReverse') expect(found[name]!.value).toBeCloseTo(plain(P, Q)[name], 12);
    }
  });

  it('say that mass which q cannot reach makes KL(p ‖ q) infinite', () => {
    const narrow = [0.5, 0.5, 0, 0, 0, 0];
    const found = estimateDivergences(proportional(P, narrow, H));
    expect(found.klForward).toEqual({ value: Infinity, standardError: null });
    expect(found.chi2).toEqual({ value: Infinity, standardError: null });
    expect(found.tv!.value).toBeCloseTo(plain(P, narrow).tv, 12);
    expect(found.js!.value).toBeCloseTo(plain(P, narrow).js, 12);
    expect(found.notes.join()).toContain('KL(p ‖ q) and χ² are infinite: 10 of 20 texts');
  });

  it('count mass of p outside of q in the total variation where log Z is known', () => {
    const narrow = [0.5, 0.5, 0, 0, 0, 0];
    const sample = proportional(P, narrow, narrow);
    const found = estimateDivergences(sample, { logZ: { value: Math.log(7), standardError: 0 } });
    expect(found.tv!.value).toBeCloseTo(plain(P, narrow).tv, 12);
    expect(found.notes.join()).toContain('draws of q itself');
  });

  it('know nothing where every weight is zero', () => {
    const none = Float64Array.of(-Infinity, -Infinity);
    const zero = new Float64Array(2);
    const found = estimateDivergences({ logP: none, logQ: zero, logProposal: zero });
    for (const name of NAMES) expect(found[name]).toBeNull();
  });

  const unlike: readonly (readonly [string, DivergenceOptions])[] = [
    ['own log Z', {}],
    ['own log Z, q unnormalised', { normalised: false }],
    ['shared log Z', { logZ: { value: Math.log(7.3), standardError: 0 } }],
    ['shared log Z, q unnormalised', { logZ: { value: Math.log(7.3), standardError: 0 }, normalised: false }],
  ];
  it.each(unlike)('have the errors that leaving out one draw at a time gives: %s', (_, options) => {
    const base = randomSample(500, 'jackknife', H);
    const rows = base.logP.map((l, i) => (l === -Infinity ? -2 + (i % 3) : l));
    const sample = { ...base, logP: rows };
    const expected = jackknife(sample, options);
    for (const name of NAMES) {
      const ratio = estimateDivergences(sample, options)[name]!.standardError! / expected[name];
      expect(Math.abs(ratio - 1), `${name}: ${ratio}`).toBeLessThan(0.02);
    }
  });

  it('carry the error of a shared log Z', () => {
    const sample = proportional(P, Q, Q);
    const sure = estimateDivergences(sample, { logZ: { value: Math.log(7), standardError: 0 } });
    const unsure = estimateDivergences(sample, { logZ: { value: Math.log(7), standardError: 0.2 } });
    const moved = estimateDivergences(sample, { logZ: { value: Math.log(7) + 1e-6, standardError: 0 } });
    for (const name of NAMES) {
      if (name === 'klReverse') continue;
      const slope = (moved[name]!.value - sure[name]!.value) / 1e-6;
      expect(unsure[name]!.value).toBe(sure[name]!.value);
      expect(unsure[name]!.standardError).toBeCloseTo(Math.hypot(sure[name]!.standardError!, 0.2 * slope), 5);
    }
    expect(unsure.klForward!.standardError).toBeCloseTo(Math.hypot(sure.klForward!.standardError!, 0.2), 12);
  });

  // 95% intervals in at least 93% of 400 runs; each gate refuses a sound estimator with probability at most 1e-7.
  it('cover', () => {
    const expected = plain(P, Q);
    const found = Array.from({ length: 400 }, (_, run) =>
      estimateDivergences(randomSample(1000, `cover ${run}`, run % 2 ? H : Q)),
    );
    for (const name of ['klForward', 'tv', 'js', 'chi2'] as const) {
      const covered = found.filter((r) => covers(r[name]!.value, r[name]!.standardError!, expected[name])).length;
      const gate = coverageGate(covered, 400, { falseAlarm: 1e-7 });
      expect(gate.passes, `${name}: ${gate.message}`).toBe(true);
    }
  });
});
