import {
  add,
  expandLike,
  gradients,
  input,
  log,
  logProbOf,
  logSoftmax,
  matMul,
  mul,
  neg,
  type Node,
  type Program,
  program,
  reshape,
  scalar,
  softmax,
  sub,
  sum,
} from '../tensor/index.ts';
import type { SteeringGoal } from '../port/steerable.ts';
import { cachedStep, type StepInputs, stepInputs } from './cached.ts';
import type { DecoderConfig } from './config.ts';
import { embeddingName, logitsOf, type Weights } from './layers.ts';
import { type TextTokens, weightInputs, withEndLast } from './programs.ts';

/** The change of the keys or values of a layer, and what the loss gives by it. */
export const changeName = (layer: number, kind: 'keys' | 'values'): string => `change.${layer}.${kind}`;
export const slopeName = (layer: number, kind: 'keys' | 'values'): string => `slope.${layer}.${kind}`;
/** Keys and values as they are without any change, the last token's included. */
export const plainName = (layer: number, kind: 'keys' | 'values'): string => `plain.${layer}.${kind}`;

export const KINDS = ['keys', 'values'] as const;

/** Probabilities are told apart from 0 down to here. */
const FLOOR = 1e-15;

/** A step over past + change, with one set of changes. */
function changedStep(c: DecoderConfig, w: Weights) {
  const base = stepInputs(c);
  const changes = new Map<string, Node>();
  const past: StepInputs['past'] = (layer, kind) => {
    const change = input(changeName(layer, kind), ['batch', c.keyHeads, 'past', c.headSize]);
    changes.set(slopeName(layer, kind), change);
    return add(base.past(layer, kind), change);
  };
  const step = cachedStep(c, w, { ...base, past });
  return { ...step, changes };
}

/** An unchanged step: the law of the next token (logarithms), the hidden state, keys and values. */
export function plainStepProgram(config: DecoderConfig, tokens: TextTokens): Program {
  const weights = weightInputs(config);
  const { hidden, present } = cachedStep(config, weights);
  const law = logSoftmax(withEndLast(logitsOf(config, weights, hidden), tokens));
  return program({ law, hidden, ...present });
}

/** A step over a changed past: its law (logarithms), and the keys and values it leaves, the change within. */
export function changedStepProgram(config: DecoderConfig, tokens: TextTokens): Program {
  const weights = weightInputs(config);
  const { hidden, present } = changedStep(config, weights);
  const law = logSoftmax(withEndLast(logitsOf(config, weights, hidden), tokens));
  return program({ law, ...present });
}

/**
 * The loss of a changed past, `loss` [batch, 1] in nats, and its derivative `slope.LAYER.KIND` by every change (Dathathri et al. 2020):
 *
 *   −Σ log Σ_{v ∈ bag} p̃(v) over the bags, or the classifier's cross-entropy at the mean of the hidden states so far and one step ahead,
 *   plus klScale · Σ_v p̃(v) log(p̃(v)/p(v)),
 *
 * p̃ the law after the change, p the unchanged law (input `prior` [batch, V + 1], probabilities).
 */
export function steeringProgram(config: DecoderConfig, tokens: TextTokens, goal: SteeringGoal, klScale: number): Program {
  const weights = weightInputs(config);
  const { hidden, changes } = changedStep(config, weights);
  const logits = logitsOf(config, weights, hidden);
  const law = softmax(withEndLast(logits, tokens));
  const aim =
    goal.kind === 'bag'
      ? bagLoss(law, goal.bags.length, config.vocabulary + 1)
      : classifierLoss(config, weights, goal, hidden, softmax(logits));
  const loss = klScale === 0 ? aim : add(aim, mul(scalar(klScale), divergence(law)));
  const names = [...changes.keys()];
  const slopes = gradients([{ of: loss, upstream: expandLike(scalar(1), loss) }], [...changes.values()]);
  return program({ loss, ...Object.fromEntries(names.map((name, i) => [name, slopes[i]])) });
}

/** Input `bags` [V + 1, bags]: 1 where a token is in a bag. */
function bagLoss(law: Node, bags: number, width: number): Node {
  const masses = matMul(law, input('bags', [width, bags]));
  return neg(sum(log(add(masses, scalar(FLOOR)))));
}

/** Σ p̃ log(p̃/p) with both floored. */
function divergence(law: Node): Node {
  const prior = add(input('prior', law.shape), scalar(FLOOR));
  const own = add(law, scalar(FLOOR));
  return sum(mul(own, sub(log(own), log(prior))));
}

/**
 * Inputs `score` [labels, width] and `bias` [1, labels] of a linear classifier, `label` int32 [batch], `seen` [batch, width], the sum of the
 * unchanged hidden states of all tokens before the last, and `share` [1], one over the number of states in the mean.
 */
function classifierLoss(
  c: DecoderConfig,
  w: Weights,
  { labels }: SteeringGoal & { readonly kind: 'classifier' },
  hidden: Node,
  law: Node,
): Node {
  const ahead = aheadState(c, w, law);
  const all = add(add(input('seen', ['batch', c.width]), hidden), ahead);
  const mean = mul(all, reshape(input('share', [1]), [1, 1]));
  const logits = matMul(mean, input('score', [labels, c.width]), { transposeB: true });
  return neg(logProbOf(add(logits, input('bias', [1, labels])), input('label', ['batch'], 'int32')));
}

/** The hidden state one token on, whose embedding is what is expected under the law; the past before it is the unchanged one. */
function aheadState(c: DecoderConfig, w: Weights, law: Node): Node {
  const tokens = matMul(law, w(embeddingName(c)));
  const past: StepInputs['past'] = (layer, kind) =>
    input(plainName(layer, kind), ['batch', c.keyHeads, 'present', c.headSize]);
  const position = input('next', [1], 'int32');
  return cachedStep(c, w, { tokens, position, past, presentSize: 'ahead' }).hidden;
}
