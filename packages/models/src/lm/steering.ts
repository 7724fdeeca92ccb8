import { RowShaper } from '../neural/index.ts';
import type { Steerable, Vocabulary } from '../port/index.ts';
import type { Shaping } from '../priors/shaping.ts';
import type { Decoder } from '../transformer/decoder.ts';
import { SteeredDecoding } from '../transformer/steered.ts';

export interface SteeringParts {
  readonly decoder: Decoder;
  /** Names the model whose states are pushed. */
  readonly id: string;
  readonly vocabulary: Vocabulary;
  /** What every text begins with, the prompt behind it. */
  readonly prefix: Int32Array;
  readonly shaping: Shaping;
}

/** A decoder whose past can be pushed; its prior is shaped as the model's own laws are. */
export function steerableDecoder({ decoder, id, vocabulary, prefix, shaping }: SteeringParts): Steerable {
  const ids = new Map(vocabulary.tokens.map((token, i) => [token, i]));
  return {
    states: id,
    singleTokens: (text) => [text, ` ${text}`].flatMap((spelling) => ids.get(spelling) ?? []),
    openSteered: (rows, goal, klScale) =>
      SteeredDecoding.open(decoder, rows, goal, klScale, { prefix, ...shaper(vocabulary.size, shaping) }),
  };
}

function shaper(size: number, shaping: Shaping): { readonly shape?: (row: Float32Array) => void } {
  const rows = new RowShaper(size, shaping, 'logProbs');
  if (rows.plain) return {};
  const out = new Float64Array(size + 1);
  return {
    shape(row) {
      rows.load(row, 0);
      rows.write(out, 0);
      row.set(out);
    },
  };
}
