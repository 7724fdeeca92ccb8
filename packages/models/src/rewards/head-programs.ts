import {
  add,
  attention,
  geluTanh,
  gradients,
  input,
  matMul,
  type Node,
  type Program,
  program,
  reshape,
  rmsNorm,
  transpose,
} from '../tensor/index.ts';
import { gradientName } from '../transformer/programs.ts';
import type { Weights } from '../transformer/layers.ts';
import { type HeadConfig, headParameters } from './head-config.ts';

const EPSILON = 1e-6;

/** Every array of a head as an input of its own name. */
export function headInputs(config: HeadConfig): Weights {
  const nodes = new Map(headParameters(config).map(({ name, shape }) => [name, input(name, shape)]));
  return (name) => {
    const node = nodes.get(name);
    if (node === undefined) throw new Error(`there is no parameter ${name}`);
    return node;
  };
}

/** The state a head reads of each text: states [batch·length, width] weighed by `pool` [batch, 1, length]; [batch, width]. */
export function pooled({ width }: HeadConfig, states: Node, length: number): Node {
  if (length === 1) return states;
  const whole = reshape(states, ['batch', length, width]);
  return reshape(matMul(input('pool', ['batch', 1, length]), whole), ['batch', width]);
}

/**
 * Outputs [batch, outputs] from the hidden states [batch·length, width] of texts of at most `length` tokens. Inputs beside the states:
 * `pool` [batch, 1, length], which says what state is read (nothing where the length is 1), and for a further block `unseen`
 * [batch, 1, 1, length], 0 at a text's tokens and far below it behind them.
 */
export function headOutputs(c: HeadConfig, w: Weights, states: Node, length: number): Node {
  const x = pooled(c, states, length);
  const read = c.head === 'linear' ? x : furtherBlock(c, w, x, states, length);
  const logits = matMul(read, w('score.weight'), { transposeB: true });
  return c.bias ? add(logits, reshape(w('score.bias'), [1, c.outputs])) : logits;
}

/** One pre-norm transformer block at the state x [batch, width], whose query sees all states of its text. */
function furtherBlock(c: HeadConfig, w: Weights, x: Node, states: Node, length: number): Node {
  const norm = (value: Node, name: string): Node =>
    rmsNorm(value, reshape(w(`block.${name}.weight`), [1, c.width]), EPSILON);
  const linear = (value: Node, name: string): Node => matMul(value, w(`block.${name}.weight`), { transposeB: true });
  const size = c.width / c.heads;
  const split = (value: Node, places: number): Node =>
    transpose(reshape(value, ['batch', places, c.heads, size]), [0, 2, 1, 3]);
  const seen = norm(states, 'attention_norm');
  const query = split(linear(norm(x, 'attention_norm'), 'q_proj'), 1);
  const [keys, values] = ['k_proj', 'v_proj'].map((name) => split(linear(seen, name), length));
  const mask = input('unseen', ['batch', 1, 1, length]);
  const mixed = reshape(attention(query, keys, values, 1 / Math.sqrt(size), mask), ['batch', c.width]);
  const between = add(x, linear(mixed, 'o_proj'));
  const inner = geluTanh(linear(norm(between, 'feed_forward_norm'), 'up_proj'));
  return norm(add(between, linear(inner, 'down_proj')), 'norm');
}

/** The head alone, on states that are given: output `values` [batch, outputs]. */
export function headProgram(config: HeadConfig, length: number): Program {
  return program({ values: headOutputs(config, headInputs(config), statesInput(config, length), length) });
}

/** Gradients of Σ upstream · values by each array of the head; input `upstream` [batch, outputs]. */
export function headGradientProgram(config: HeadConfig, length: number): Program {
  const weights = headInputs(config);
  const of = headOutputs(config, weights, statesInput(config, length), length);
  const names = headParameters(config).map(({ name }) => name);
  const found = gradients([{ of, upstream: input('upstream', ['batch', config.outputs]) }], names.map(weights));
  return program(Object.fromEntries(names.map((name, i) => [gradientName(name), found[i]])));
}

function statesInput({ width }: HeadConfig, length: number): Node {
  return input('states', [length === 1 ? 'batch' : `batch*${length}`, width]);
}
