import {
  concat,
  expandLike,
  gather,
  gradients,
  input,
  logProbOf,
  logSoftmax,
  type Node,
  type Program,
  program,
  scalar,
  slice,
  softmax,
  times,
} from '../tensor/index.ts';
import { cachedStep, pastName, presentName } from './cached.ts';
import type { DecoderConfig } from './config.ts';
import { type WholeBatch, wholeStates } from './full.ts';
import { logitsOf, type Weights } from './layers.ts';
import { parametersOf } from './parameters.ts';

/** Every parameter as an input of its own name. */
export function weightInputs(config: DecoderConfig): Weights {
  const nodes = new Map(parametersOf(config).map(({ name, shape }) => [name, input(name, shape)]));
  return (name) => {
    const node = nodes.get(name);
    if (node === undefined) throw new Error(`there is no parameter ${name}`);
    return node;
  };
}

/**
 * Logits [N, V] with the end of the text moved to a last column of its own: [N, V + 1], where the model's own end token has −∞
 * (`Vocabulary`: the end of sequence has id `size`).
 */
export function withEndLast(logits: Node, end: number): Node {
  const size = logits.shape[1] as number;
  const ended = slice(logits, 1, end, end + 1);
  const parts = [
    ...(end > 0 ? [slice(logits, 1, 0, end)] : []),
    expandLike(scalar(-Infinity), ended),
    ...(end < size - 1 ? [slice(logits, 1, end + 1, size)] : []),
    ended,
  ];
  return concat(parts, 1);
}

/** One step of decoding: outputs `law` [batch, V + 1], as probabilities or their logarithms (nats), and the cache. */
export function stepProgram(config: DecoderConfig, end: number, law: 'probabilities' | 'logProbs'): Program {
  const weights = weightInputs(config);
  const { hidden, present } = cachedStep(config, weights);
  const logits = withEndLast(logitsOf(config, weights, hidden), end);
  return program({ law: law === 'logProbs' ? logSoftmax(logits) : softmax(logits), ...present });
}

/** Takes rows of the cache: input `ancestors` [rows]; outputs as a step's. */
export function reorderProgram(config: DecoderConfig): Program {
  const ancestors = input('ancestors', ['rows'], 'int32');
  const outputs: Record<string, Node> = {};
  for (let i = 0; i < config.layers; i++) {
    for (const kind of ['keys', 'values'] as const) {
      const past = input(pastName(i, kind), ['batch', config.keyHeads, 'past', config.headSize]);
      outputs[presentName(i, kind)] = gather(past, ancestors);
    }
  }
  return program(outputs);
}

export interface WholeOptions {
  /** Texts packed into one row: an input `mask` [batch, 1, 1, length, length] is added to the scores. */
  readonly packed?: boolean;
}

function wholeLogits(
  config: DecoderConfig,
  weights: Weights,
  size: WholeBatch,
  { packed = false }: WholeOptions,
): Node {
  const { batch, length } = size;
  const ids = input('ids', [times(batch, length)], 'int32');
  const mask = packed ? input('mask', [batch, 1, 1, length, length]) : undefined;
  return logitsOf(config, weights, wholeStates(config, weights, ids, size, mask));
}

/**
 * log p of `targets` [batch·length] after each prefix of `ids`: output `logProbs` [batch·length, 1], nats; and where `wrt` names
 * parameters, output `gradient:NAME` of Σᵢ coefficients[i] · logProbs[i] for each, `coefficients` [batch·length, 1].
 */
export function scoreProgram(
  config: DecoderConfig,
  size: WholeBatch,
  wrt: readonly string[] = [],
  options: WholeOptions = {},
): Program {
  const weights = weightInputs(config);
  const rows = times(size.batch, size.length);
  const logProbs = logProbOf(wholeLogits(config, weights, size, options), input('targets', [rows], 'int32'));
  return program({ logProbs, ...gradientOutputs(logProbs, input('coefficients', [rows, 1]), weights, wrt) });
}

/** The laws after every prefix, `rows` [batch·length, V + 1], nats; gradients are of Σ coefficients · rows. */
export function rowsProgram(
  config: DecoderConfig,
  size: WholeBatch,
  end: number,
  wrt: readonly string[] = [],
): Program {
  const weights = weightInputs(config);
  const logits = wholeLogits(config, weights, size, {});
  const rows = logSoftmax(withEndLast(logits, end));
  const coefficients = input('coefficients', [times(size.batch, size.length), config.vocabulary + 1]);
  return program({ rows, ...gradientOutputs(rows, coefficients, weights, wrt) });
}

export const gradientName = (parameter: string): string => `gradient:${parameter}`;

function gradientOutputs(of: Node, upstream: Node, weights: Weights, wrt: readonly string[]): Record<string, Node> {
  if (wrt.length === 0) return {};
  const nodes = gradients([{ of, upstream }], wrt.map(weights));
  return Object.fromEntries(wrt.map((name, i) => [gradientName(name), nodes[i]]));
}
