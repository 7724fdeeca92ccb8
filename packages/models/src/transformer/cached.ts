import { concat, gather, input, matMul, mul, type Node, reshape, rotary, scalar, softmax } from '../tensor/index.ts';
import type { DecoderConfig } from './config.ts';
import { type Attend, hiddenStates, rotaryTables, type Weights } from './layers.ts';

/** The names of a layer's keys and values, before a step and after it. */
export const pastName = (layer: number, kind: 'keys' | 'values'): string => `past.${layer}.${kind}`;
export const presentName = (layer: number, kind: 'keys' | 'values'): string => `present.${layer}.${kind}`;

/** One token more for each row, and the keys and values that the next step needs. */
export interface CachedStep {
  /** [batch, width]. */
  readonly hidden: Node;
  readonly present: Readonly<Record<string, Node>>;
}

/** What a step reads. */
export interface StepInputs {
  /** int32 [batch], or what stands for the embeddings of tokens, [batch, width]. */
  readonly tokens: Node;
  /** int32 [1]: the same for all rows. */
  readonly position: Node;
  /** Keys and values of the tokens before, [batch, keyHeads, past, headSize]. */
  readonly past: (layer: number, kind: 'keys' | 'values') => Node;
  /** The name of the length after the step. */
  readonly presentSize: string;
}

/** Inputs `ids` [batch], `position` [1] and `past.LAYER.KIND`. */
export function stepInputs(c: DecoderConfig): StepInputs {
  return {
    tokens: input('ids', ['batch'], 'int32'),
    position: input('position', [1], 'int32'),
    past: (layer, kind) => input(pastName(layer, kind), ['batch', c.keyHeads, 'past', c.headSize]),
    presentSize: 'present',
  };
}

/** One step of decoding. */
export function cachedStep(c: DecoderConfig, w: Weights, from: StepInputs = stepInputs(c)): CachedStep {
  const { position } = from;
  const present: Record<string, Node> = {};
  const shared = c.heads / c.keyHeads;
  const angles = c.family === 'llama' ? anglesAt(c, position) : undefined;
  const turned = (x: Node): Node => (angles === undefined ? x : rotary(x, angles.cosine, angles.sine));
  const heads = (x: Node, groups: number): Node => reshape(x, ['batch', c.keyHeads, groups, c.headSize]);
  const grown = (layer: number, kind: 'keys' | 'values', now: Node): Node => {
    return (present[presentName(layer, kind)] = concat([from.past(layer, kind), now], 2, from.presentSize));
  };
  const attend: Attend = (layer, queries, keys, values) => {
    const q = turned(heads(queries, shared));
    const k = grown(layer, 'keys', turned(heads(keys, 1)));
    const v = grown(layer, 'values', heads(values, 1));
    const scores = mul(matMul(q, k, { transposeB: true }), scalar(1 / Math.sqrt(c.headSize)));
    return reshape(matMul(softmax(scores), v), ['batch', c.heads * c.headSize]);
  };
  const hidden = hiddenStates(c, w, from.tokens, { ids: position }, attend);
  return { hidden, present };
}

/** The angles of one position, [1, headSize], which go with every row and head. */
function anglesAt(c: DecoderConfig, position: Node): ReturnType<typeof rotaryTables> {
  const { cosine, sine } = rotaryTables(c, c.positions);
  return { cosine: gather(cosine, position), sine: gather(sine, position) };
}
