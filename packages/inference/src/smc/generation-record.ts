import type { Ancestry } from '../port/index.ts';
import { rowNumbers, type Particles } from './particles.ts';

/** Keeps the generations of a run for reports. */
export interface GenerationRecord {
  readonly generations: Ancestry['generations'];
  add(p: Particles, live: Uint8Array, tokens: Int32Array, resampled: boolean): void;
  reorder(ancestors: Int32Array): void;
}

export function generationRecord(size: number): GenerationRecord {
  const generations: Ancestry['generations'][number][] = [];
  const themselves = rowNumbers(size);
  let parents = themselves;
  return {
    generations,
    add(p, live, tokens, resampled) {
      const appended = new Int32Array(size);
      for (let i = 0; i < size; i++) appended[i] = live[i] === 1 ? tokens[i] : -1;
      generations.push({ parents, tokens: appended, logWeights: p.logWeight.slice(), resampled });
      parents = themselves;
    },
    reorder(ancestors) {
      parents = ancestors;
    },
  };
}
