import type { Parameter } from '../transformer/parameters.ts';

/** What turns a decoder's hidden states into outputs. */
export interface HeadConfig {
  /** `linear`: W f + b of one state; `transformer`: one more block, read at that state. */
  readonly head: 'linear' | 'transformer';
  /** The state it reads: that of the last token, or the mean over all tokens. */
  readonly pooling: 'last' | 'mean';
  /** Width of a state. */
  readonly width: number;
  readonly outputs: number;
  /** Attention heads of the further block. */
  readonly heads: number;
  /** Width inside its feed-forward part. */
  readonly hidden: number;
  readonly bias: boolean;
}

export function headConfig(
  head: HeadConfig['head'],
  width: number,
  outputs: number,
  pooling: HeadConfig['pooling'] = 'last',
): HeadConfig {
  const heads = [8, 6, 4, 3, 2].find((n) => width % n === 0 && width / n >= 8) ?? 1;
  return { head, pooling, width, outputs, heads, hidden: 2 * width, bias: true };
}

/** Standard deviation of fresh weights, as of a decoder's. */
const SPREAD = 0.02;

/**
 * The arrays of a head. Alone it starts at zero, so that what no example speaks of counts for nothing. A member of an ensemble starts with
 * random scores of about 1: there the members go on to differ, which is their doubt (Osband et al. 2018, randomised priors).
 */
export function headParameters(c: HeadConfig, start: 'zero' | 'random' = 'zero'): readonly Parameter[] {
  const initial = start === 'zero' ? 'zeros' : 1 / Math.sqrt(c.width);
  const score: Parameter[] = [{ name: 'score.weight', shape: [c.outputs, c.width], initial }];
  if (c.bias) score.push({ name: 'score.bias', shape: [c.outputs], initial: 'zeros' });
  if (c.head === 'linear') return score;
  const square = (name: string): Parameter => ({ name, shape: [c.width, c.width], initial: SPREAD });
  const norm = (name: string): Parameter => ({ name, shape: [c.width], initial: 'ones' });
  return [
    norm('block.attention_norm.weight'),
    square('block.q_proj.weight'),
    square('block.k_proj.weight'),
    square('block.v_proj.weight'),
    square('block.o_proj.weight'),
    norm('block.feed_forward_norm.weight'),
    { name: 'block.up_proj.weight', shape: [c.hidden, c.width], initial: SPREAD },
    { name: 'block.down_proj.weight', shape: [c.width, c.hidden], initial: SPREAD },
    norm('block.norm.weight'),
    ...score,
  ];
}
