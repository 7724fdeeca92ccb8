import type { DecoderConfig } from '../../transformer/config.ts';
import { BOOL, type GraphBuilder } from './graph-builder.ts';

/** Added to scores of what may not be looked at. */
const NEVER = -1e9;

/** Names of the inputs that every exported decoder has. */
export const INPUTS = { ids: 'input_ids', mask: 'attention_mask', positions: 'position_ids' } as const;

export const pastKey = (layer: number): string => `past_key_values.${layer}.key`;
export const pastValue = (layer: number): string => `past_key_values.${layer}.value`;

/** 0 where a place may look at another, far below 0 elsewhere: batch × 1 × new × all. */
export function maskBias(g: GraphBuilder): string {
  const past = g.size(pastKey(0), 2);
  const total = g.op('Add', [past, g.size(INPUTS.ids, 1)]);
  const one = g.wholes(1);
  const rows = g.unsqueeze(g.op('Range', [past, total, one]), [1]);
  const columns = g.unsqueeze(g.op('Range', [g.wholes(0), total, one]), [0]);
  const causal = g.op('LessOrEqual', [columns, rows]);
  const real = g.unsqueeze(g.op('Cast', [INPUTS.mask], { to: BOOL }), [1, 2]);
  return g.op('Where', [g.op('And', [causal, real]), g.scalar(0), g.scalar(NEVER)]);
}

/** batch × places × (heads · size) → batch × heads × places × size. */
export function split(g: GraphBuilder, x: string, heads: number, size: number): string {
  return g.transpose(g.reshape(x, [0, 0, heads, size]), [0, 2, 1, 3]);
}

/** Attention over the past and the new places of a layer; heads come in and go out split. The cache is the layer's output. */
export function attend(
  g: GraphBuilder,
  c: DecoderConfig,
  layer: number,
  [q, k, v]: readonly [string, string, string],
  bias: string,
): string {
  const keys = g.op('Concat', [pastKey(layer), k], { axis: 2 });
  const values = g.op('Concat', [pastValue(layer), v], { axis: 2 });
  g.output(keys, `present.${layer}.key`);
  g.output(values, `present.${layer}.value`);
  const scores = g.op('MatMul', [q, g.transpose(shared(g, c, keys), [0, 1, 3, 2])]);
  const scaled = g.op('Mul', [scores, g.scalar(1 / Math.sqrt(c.headSize))]);
  const weights = g.op('Softmax', [g.op('Add', [scaled, bias])], { axis: -1 });
  const mixed = g.transpose(g.op('MatMul', [weights, shared(g, c, values)]), [0, 2, 1, 3]);
  return g.reshape(mixed, [0, 0, c.heads * c.headSize]);
}

/** Heads of keys or values repeated for the queries that share them. */
function shared(g: GraphBuilder, { heads, keyHeads, headSize }: DecoderConfig, x: string): string {
  if (heads === keyHeads) return x;
  const repeated = g.op('Tile', [g.unsqueeze(x, [2]), g.wholes([1, 1, heads / keyHeads, 1, 1])]);
  return g.reshape(repeated, [0, heads, -1, headSize]);
}
