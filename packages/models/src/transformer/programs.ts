import {
  add,
  concat,
  constant,
  exp,
  gather,
  gradients,
  input,
  log,
  logProbOf,
  logSoftmax,
  type Node,
  type Program,
  program,
  slice,
  softmax,
  sub,
  sum,
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

/** The tokens of a model that are no tokens of a text. */
export interface TextTokens {
  /** Those that end a text; at least one. */
  readonly ends: readonly number[];
  /** Columns that are never generated, such as padding of the vocabulary. */
  readonly never: readonly number[];
}

/** Where all columns are tokens but one, which ends a text, laws over the model's own columns need no change. */
export function isPlain({ ends, never }: TextTokens): boolean {
  return ends.length === 1 && never.every((token) => token === ends[0]);
}

/**
 * Logits [N, V] with the end of the text in a last column of its own: [N, V + 1], where tokens that are none of a text have −∞
 * (`Vocabulary`: the end of sequence has id `size`). Several ends add their masses.
 */
export function withEndLast(logits: Node, { ends, never }: TextTokens): Node {
  const size = logits.shape[1] as number;
  const mask = new Float32Array(size);
  for (const token of [...ends, ...never]) mask[token] = -Infinity;
  const [first, ...others] = ends.map((end) => slice(logits, 1, end, end + 1));
  const last = others.length === 0 ? first : add(first, log(sum(exp(sub(concat([first, ...others], 1), first)))));
  return concat([add(logits, constant(mask, [1, size])), last], 1);
}

/** One step of decoding: outputs `law` [batch, V + 1], as probabilities or their logarithms (nats), and the cache. */
export function stepProgram(config: DecoderConfig, tokens: TextTokens, law: 'probabilities' | 'logProbs'): Program {
  const weights = weightInputs(config);
  const { hidden, present } = cachedStep(config, weights);
  const logits = withEndLast(logitsOf(config, weights, hidden), tokens);
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
  /** Where they are given, targets are ids of `withEndLast`'s columns. */
  readonly tokens?: TextTokens;
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
  const own = wholeLogits(config, weights, size, options);
  const logits = options.tokens === undefined ? own : withEndLast(own, options.tokens);
  const logProbs = logProbOf(logits, input('targets', [rows], 'int32'));
  return program({ logProbs, ...gradientOutputs(logProbs, input('coefficients', [rows, 1]), weights, wrt) });
}

/** The laws after every prefix, `rows` [batch·length, V + 1], nats; gradients are of Σ coefficients · rows. */
export function rowsProgram(
  config: DecoderConfig,
  size: WholeBatch,
  tokens: TextTokens,
  wrt: readonly string[] = [],
): Program {
  const weights = weightInputs(config);
  const logits = wholeLogits(config, weights, size, {});
  const rows = logSoftmax(withEndLast(logits, tokens));
  const coefficients = input('coefficients', [times(size.batch, size.length), config.vocabulary + 1]);
  return program({ rows, ...gradientOutputs(rows, coefficients, weights, wrt) });
}

export const gradientName = (parameter: string): string => `gradient:${parameter}`;

function gradientOutputs(of: Node, upstream: Node, weights: Weights, wrt: readonly string[]): Record<string, Node> {
  if (wrt.length === 0) return {};
  const nodes = gradients([{ of, upstream }], wrt.map(weights));
  return Object.fromEntries(wrt.map((name, i) => [gradientName(name), nodes[i]]));
}
