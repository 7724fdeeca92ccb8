import { markovChain } from '../peers/chain.ts';

const REWARDED = 'c';

/** Law of the number of letters "c" in a text of the chain, by all pairs of the letters before. */
export function countLaw(): Float64Array {
  const { letters, length, first, second, third } = markovChain();
  const size = letters.length;
  const rewarded = letters.indexOf(REWARDED);
  let masses = new Map<string, number>();
  const add = (into: Map<string, number>, key: string, mass: number) => into.set(key, (into.get(key) ?? 0) + mass);
  const counted = (x: number) => (x === rewarded ? 1 : 0);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b < size; b++) add(masses, `${a} ${b} ${counted(a) + counted(b)}`, first[a] * second[a][b]);
  }
  for (let t = 2; t < length; t++) {
    const next = new Map<string, number>();
    for (const [key, mass] of masses) {
      const [a, b, count] = key.split(' ').map(Number);
      third[a][b].forEach((p, c) => add(next, `${b} ${c} ${count + counted(c)}`, mass * p));
    }
    masses = next;
  }
  const law = new Float64Array(length + 1);
  for (const [key, mass] of masses) law[Number(key.split(' ')[2])] += mass;
  return law;
}

export interface QuasiTruth {
  /** Total variation between the posterior and the law of what quasi-rejection accepts. */
  readonly totalVariation: number;
  /** Share of proposals that are accepted. */
  readonly acceptance: number;
  /** Nats. */
  readonly logZ: number;
}

/** Quasi-rejection on B at threshold M, exactly: a text's weight depends on its count alone, exp(count / 0.5). */
export function quasiTruth(threshold: number): QuasiTruth {
  const law = countLaw();
  const weighed = law.map((p, k) => p * Math.exp(k / 0.5));
  const cut = law.map((p, k) => p * Math.min(Math.exp(k / 0.5), threshold));
  const [z, zCut] = [weighed, cut].map((xs) => xs.reduce((a, b) => a + b, 0));
  const totalVariation = weighed.reduce((sum, w, k) => sum + Math.abs(w / z - cut[k] / zCut) / 2, 0);
  return { totalVariation, acceptance: zCut / threshold, logZ: Math.log(z) };
}
