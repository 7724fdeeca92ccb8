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
  let parents = rowNumbers(size);
  return {
    generations,
    add(p, live, tokens, resampled) {
      const own = new ArrayBuffer(16 * size);
      const logWeights = new Float64Array(own, 0, size);
      const appended = new Int32Array(own, 8 * size, size);
      for (let i = 0; i < size; i++) {
        logWeights[i] = p.logWeight[i];
        appended[i] = live[i] === 1 ? tokens[i] : -1;
      }
      generations.push({ parents, tokens: appended, logWeights, resampled });
      parents = new Int32Array(own, 12 * size, size);
      for (let i = 0; i < size; i++) parents[i] = i;
    },
    reorder(ancestors) {
      parents = ancestors;
    },
  };
}
