import type { CausalModel, GrowingRows, Law, Rows } from '../neural/index.ts';
import { choiceOffsets, type SequenceBatch } from '../port/index.ts';
import type { Decoder } from './decoder.ts';
import { placeSequences, runsOf } from './placed.ts';
import { rowsGradient } from './sequence-gradient.ts';

/** A decoder of ours as what priors are made of. `id` names its weights. */
export function causalDecoder(decoder: Decoder, id: string): CausalModel {
  const { vocabulary, positions } = decoder.config;
  return {
    id,
    size: vocabulary,
    positions,
    abilities: { score: true, next: 'all', fork: true, semantics: 'raw', maxTemperature: Infinity, seeds: 'exact' },
    async open(prefix: Int32Array, law: Law): Promise<{ readonly rows: GrowingRows; readonly first: Rows }> {
      const rows = decoder.open(1, law);
      let first: Rows = new Float32Array(0);
      for (const token of prefix) first = await rows.step(Int32Array.of(token));
      return { rows, first };
    },
    score: (prefix, sequences) => scoreSequences(decoder, sequences, () => prefix),
    rows: async (prefix, sequences) => (await rowsGradient(decoder, sequences, () => prefix)).rows,
  };
}

/** log q of each sequence after its prefix, its end included where it is finished, nats. */
export async function scoreSequences(
  decoder: Decoder,
  batch: SequenceBatch,
  prefixOf: (sequence: number) => Int32Array,
): Promise<Float64Array> {
  const scores = new Float64Array(batch.size);
  const none = new Set([...decoder.tokens.ends, ...decoder.tokens.never]);
  const at = choiceOffsets(batch);
  for (const [from, to] of runsOf(batch, prefixOf, decoder.config.vocabulary)) {
    const { ids, targets, rows, length, places } = placeSequences(batch, from, to, prefixOf, decoder.endTarget);
    const values = await decoder.score(ids, targets, rows, length);
    for (let i = from; i < to; i++) {
      for (let k = at[i]; k < at[i + 1]; k++) scores[i] += values[places[k - at[from]]];
      // The column of the end has its mass: as a token among others it cannot be.
      for (let t = batch.offsets[i]; t < batch.offsets[i + 1]; t++) {
        if (none.has(batch.tokens[t])) scores[i] = -Infinity;
      }
    }
  }
  return scores;
}
