import type { LanguageModel } from '@postulate/models';
import { factorsOf, logSumExp, type Target } from '../../src/index.ts';
import { aliveStates } from '../../src/machine/index.ts';
import { openRows } from '../../src/rows/index.ts';
import { Features } from '../../src/twists/features.ts';
import { jointMachine } from '../../src/twists/joint-machine.ts';
import { logLinearTwist, type LogLinear } from '../../src/twists/log-linear.ts';
import { drawTrajectories, type Drawing } from '../../src/twists/training-draws.ts';
import { numberFeatures, trainingSet, type TrainingSet } from '../../src/twists/training-set.ts';
import { seededChooser, type Twist } from '../../src/index.ts';
import { keyOf } from '../support/toy.ts';
import { after } from './support.ts';

/** A log-linear twist of a target with the features that `size` draws of the prior have, and weights spread around 0. */
export async function someModel(t: Target, size: number, level = 0): Promise<LogLinear> {
  const { prior } = t;
  const factors = factorsOf(t);
  const joint = jointMachine(factors, prior.vocabulary.size, { maxStates: 1000, maxTokens: prior.maxTokens });
  const { machine } = joint;
  const features = new Features(machine, prior.maxTokens, joint.leftOut.length > 0);
  const empty: LogLinear = {
    ...{ machine, maxTokens: prior.maxTokens, alive: aliveStates(machine, prior.maxTokens), features, level },
    ...{ endsToo: joint.leftOut.length > 0, theta: new Float64Array(0) },
  };
  await setOf(t, empty, size, 'features', false);
  const { uniform } = seededChooser('weights');
  return { ...empty, theta: Float64Array.from({ length: features.size }, () => uniform!() - 0.5) };
}

/** Trajectories under a model, ready for a gradient. */
export async function setOf(
  t: Target,
  model: LogLinear,
  size: number,
  seed: string,
  successors: boolean,
): Promise<TrainingSet> {
  const drawing: Drawing = { model, size, successors, twisted: model.theta.length > 0, breathe: () => undefined };
  const problem = { prior: t.prior, factors: factorsOf(t), complete: true };
  const set = trainingSet(model.features, await drawTrajectories(problem, drawing, seededChooser(seed)));
  numberFeatures(model.features, set, model.maxTokens);
  return set;
}

/** A prefix, or a text that was ended, of positive prior mass. */
export interface Node {
  readonly key: string;
  readonly tokens: readonly number[];
  readonly ended: boolean;
  /** Steps that made it. */
  readonly steps: number;
  readonly logPrior: number;
}

/** log of the prior's next-token law after a prefix, the end last. */
export function nextLaw(prior: LanguageModel, tokens: readonly number[]): Float64Array {
  const rows = openRows(prior, 1);
  for (const w of tokens) void rows.advance(Int32Array.of(w));
  const law = new Float64Array(prior.vocabulary.size + 1);
  rows.fill(0, law);
  return law;
}

/** Every prefix of at least one step, and every ended text. */
export function nodesOf(prior: LanguageModel): readonly Node[] {
  const nodes: Node[] = [];
  const visit = (tokens: readonly number[], logPrior: number): void => {
    if (tokens.length > 0) nodes.push({ key: keyOf(tokens), tokens, ended: false, steps: tokens.length, logPrior });
    if (tokens.length === prior.maxTokens) return;
    nextLaw(prior, tokens).forEach((log, w) => {
      if (log === -Infinity) return;
      if (w < prior.vocabulary.size) visit([...tokens, w], logPrior + log);
      else
        nodes.push({
          ...{ key: keyOf(tokens, true), tokens, ended: true, steps: tokens.length + 1 },
          logPrior: logPrior + log,
        });
    });
  };
  visit([], 0);
  return nodes;
}

/** log ψ of a node as the session says it. */
export function logPsi(twist: Twist, { tokens, ended }: Pick<Node, 'tokens' | 'ended'>, width: number): number {
  const session = after(twist, tokens);
  if (!ended) return session.logValues[0];
  const next = new Float64Array(width);
  void session.next(0, next);
  return next[width - 1];
}

/** The twist with other weights. */
export const withTheta = (model: LogLinear, theta: Float64Array): Twist => logLinearTwist('test', { ...model, theta });

/** Central differences of a function of θ. */
export function differences(f: (theta: Float64Array) => number, theta: Float64Array, h = 1e-4): Float64Array {
  return theta.map((_, k) => {
    const at = (d: number): number => f(theta.map((x, i) => (i === k ? x + d : x)));
    return (at(h) - at(-h)) / (2 * h);
  });
}

/** log q(next token | prefix) ∝ prior · ψ, of every token; all −∞ where nothing can follow. */
export function proposalLaw(prior: LanguageModel, twist: Twist, tokens: readonly number[]): Float64Array {
  const law = nextLaw(prior, tokens);
  const psi = new Float64Array(law.length);
  void after(twist, tokens).next(0, psi);
  const logs = law.map((l, v) => (psi[v] === -Infinity ? psi[v] : l + psi[v]));
  const total = logSumExp(logs);
  return total === -Infinity ? logs : logs.map((l) => l - total);
}
