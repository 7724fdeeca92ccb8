import type { Ancestry } from '../port/index.ts';
import { rowNumbers, type Particles } from './particles.ts';

/** Keeps the generations of a run for reports. */
export interface GenerationRecord {
  readonly generations: Ancestry['generations'];
  add(p: Particles, live: Uint8Array, tokens: Int32Array, resampled: boolean): void;
  reorder(ancestors: Int32Array): void;
}

function ofLive(live: Uint8Array, tokens: Int32Array): Int32Array {
  const out = new Int32Array(tokens.length);
  for (let i = 0; i < out.length; i++) out[i] = live[i] === 1 ? tokens[i] : -1;
  return out;
}

export function generationRecord(size: number): GenerationRecord {
  const generations: Ancestry['generations'][number][] = [];
  let parents = rowNumbers(size);
  return {
    generations,
    add(p, live, tokens, resampled) {
      generations.push({
        parents,
        tokens: ofLive(live, tokens),
        logWeights: p.logWeight.slice(),
        resampled,
      });
      parents = rowNumbers(size);
    },
    reorder(ancestors) {
      parents = ancestors;
    },
  };
}
