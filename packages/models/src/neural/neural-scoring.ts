import { sequencesAt, type SequenceBatch } from '../port/index.ts';
import { LiveRows } from './live-rows.ts';
import type { Core } from './neural-model.ts';
import { RowShaper } from './row-shaping.ts';

/**
 * log prior of each sequence, nats. In one pass where the laws are the network's own and it can score; else token by token over the
 * rows that sampling reads: what a truncated law leaves in must not hang on rounding.
 */
export async function scoreNeural(core: Core, batch: SequenceBatch): Promise<Float64Array> {
  const result = new Float64Array(batch.size).fill(-Infinity);
  const possible = Int32Array.from({ length: batch.size }, (_, i) => i).filter((i) => isPossible(core, batch, i));
  const shaper = new RowShaper(core.size, core.shaping);
  const together = shaper.plain && core.network.score !== undefined;
  for (let from = 0; from < possible.length; from += core.rows) {
    const part = possible.subarray(from, from + core.rows);
    const scores = together
      ? await core.network.score!(core.prefix, sequencesAt(batch, part))
      : await scoreByStep(core, shaper, batch, part);
    part.forEach((i, k) => (result[i] = scores[k]));
  }
  return result;
}

/** Lengths that the forced stop allows, of tokens that there are. */
function isPossible({ maxTokens, size }: Core, batch: SequenceBatch, i: number): boolean {
  const tokens = batch.tokens.subarray(batch.offsets[i], batch.offsets[i + 1]);
  const fits = batch.finished[i] === 1 ? tokens.length < maxTokens : tokens.length === maxTokens;
  return fits && tokens.every((w) => w >= 0 && w < size);
}

async function scoreByStep(
  core: Core,
  shaper: RowShaper,
  batch: SequenceBatch,
  part: Int32Array,
): Promise<Float64Array> {
  const rows = await LiveRows.open(core, part.length, shaper.law);
  const scores = new Float64Array(part.length);
  const next = new Int32Array(part.length);
  const lengthOf = (k: number): number => batch.offsets[part[k] + 1] - batch.offsets[part[k]];
  let going = Int32Array.from(part, (_, k) => k);
  try {
    for (let t = 0; going.length > 0; t++) {
      going = going.filter((k) => t < lengthOf(k) || batch.finished[part[k]] === 1);
      for (const k of going) {
        next[k] = t < lengthOf(k) ? batch.tokens[batch.offsets[part[k]] + t] : core.size;
        shaper.load(rows.law, rows.at(k));
        scores[k] += shaper.logProb(next[k]);
      }
      going = going.filter((k) => next[k] !== core.size && scores[k] > -Infinity && t + 1 < core.maxTokens);
      if (going.length > 0) await rows.step(going, next);
    }
  } finally {
    rows.dispose();
  }
  return scores;
}
