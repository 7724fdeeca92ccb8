import type { Ancestry } from '../port/index.ts';
import { rowNumbers, type Particles } from './particles.ts';

/** Keeps the generations of a run for reports. */
export interface GenerationRecord {
  readonly generations: Ancestry['generations'];
  add(p: Particles, live: Uint8Array, tokens: Int32Array, resampled: boolean): void;
  reorder(ancestors: Int32Array): void;
}

/** Generations that share a piece of memory: many small pieces cost a short run more than what it does with them. */
const TOGETHER = 8;

export function generationRecord(size: number): GenerationRecord {
  const generations: Ancestry['generations'][number][] = [];
  const themselves = rowNumbers(size);
  let parents = themselves;
  let memory = new ArrayBuffer(0);
  return {
    generations,
    add(p, live, tokens, resampled) {
      const at = generations.length % TOGETHER;
      if (at === 0) memory = new ArrayBuffer(12 * size * TOGETHER);
      const logWeights = new Float64Array(memory, 8 * size * at, size);
      const appended = new Int32Array(memory, 8 * size * TOGETHER + 4 * size * at, size);
      logWeights.set(p.logWeight);
      for (let i = 0; i < size; i++) appended[i] = live[i] === 1 ? tokens[i] : -1;
      generations.push({ parents, tokens: appended, logWeights, resampled });
      parents = themselves;
    },
    reorder(ancestors) {
      parents = ancestors;
    },
  };
}
