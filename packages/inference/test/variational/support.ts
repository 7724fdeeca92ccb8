import { expect } from 'vitest';
import type { Chooser, LanguageModel, SequenceBatch, Snapshot, TrainablePolicy } from '@postulate/models';
import {
  engineNamed,
  factorsOf,
  modelMachine,
  run,
  seededChooser,
  type BoundFunction,
  type ProposalLaw,
  type Target,
  type Trainer,
  type TrainingOptions,
  type VariationalEngine,
} from '../../src/index.ts';
import { everySequence } from '../bind/support.ts';

/** Opens a training run of an engine on one target. */
export async function trainerOf(
  engine: string,
  t: Target,
  options: Readonly<Record<string, unknown>> = {},
  chooser: Chooser = seededChooser('0'),
): Promise<Trainer> {
  const found = engineNamed(engine) as unknown as VariationalEngine<TrainingOptions>;
  const given =
    options['proposal'] === undefined
      ? {}
      : { proposals: [await besides(t, String(options['proposal']), options['proposal.strength'])] };
  return found.train([t], { ...found.defaults, clip: 1e9, ...options }, given, chooser);
}

/** A law between the prior and the posterior: at strength 0 the prior. */
export async function besides(t: Target, name: string, strength: unknown = 0.5): Promise<ProposalLaw> {
  const found = engineNamed(name);
  return found.policy!(t, { ...found.defaults, strength } as never, seededChooser('besides'));
}

export async function trained(trainer: Trainer): Promise<LanguageModel> {
  while (!trainer.done) await trainer.advance();
  return (await trainer.policy.frozen())[0];
}

/** All texts of a small target, with log γ. */
export interface Listed {
  readonly batch: SequenceBatch;
  readonly logPrior: Float64Array;
  readonly logFactor: Float64Array;
  readonly logGamma: Float64Array;
  readonly logZ: number;
}

export async function listed(t: Target): Promise<Listed> {
  const all = everySequence(t.prior);
  const logPrior = await t.prior.logProb(all);
  const logFactor = new Float64Array(all.size);
  for (const f of factorsOf(t)) (await f.logWeights(all)).forEach((w, i) => (logFactor[i] += w));
  const logGamma = logPrior.map((l, i) => (l === -Infinity ? l : l + logFactor[i]));
  const logZ = Math.log(logGamma.reduce((s, l) => s + Math.exp(l), 0));
  return { batch: all, logPrior, logFactor, logGamma, logZ };
}

/** KL(π ‖ p). */
export async function reverseKl(policy: LanguageModel, { batch, logGamma, logZ }: Listed): Promise<number> {
  const logs = await policy.logProb(batch);
  return logs.reduce((s, l, i) => (l === -Infinity ? s : s + Math.exp(l) * (l - logGamma[i] + logZ)), 0);
}

/** A policy some way off its prior, the same for every test. */
export async function moved(p: TrainablePolicy): Promise<Snapshot> {
  const start = await p.snapshot();
  const logits = start.arrays['logits'].map((l, k) => l + 0.4 * Math.sin(3 * k + 1));
  const snapshot = { ...start, arrays: { ...start.arrays, logits } };
  await p.restore(snapshot);
  return p.snapshot();
}

/** ∂ value / ∂ logit by central differences around a snapshot. */
export async function differences(
  p: TrainablePolicy,
  at: Snapshot,
  value: () => number | Promise<number>,
): Promise<readonly number[]> {
  const found: number[] = [];
  for (let k = 0; k < at.arrays['logits'].length; k++) {
    const sides: number[] = [];
    for (const by of [1e-5, -1e-5]) {
      const logits = at.arrays['logits'].slice();
      logits[k] += by;
      await p.restore({ ...at, arrays: { ...at.arrays, logits } });
      sides.push(await value());
    }
    found.push((sides[0] - sides[1]) / 2e-5);
  }
  await p.restore(at);
  return found;
}

/** The direction that one step took: Adam's first moment, from zero, is a tenth of the gradient. */
export async function directionOf(p: TrainablePolicy): Promise<Float64Array> {
  return Float64Array.from((await p.snapshot()).arrays['first'], (m) => m / 0.1);
}

type Checkpoint = Awaited<ReturnType<Trainer['checkpoint']>>;

/**
 * Fails unless the mean direction of `steps` steps from `start`, each with its own chance and the policy `at`, is the gradient `exact`
 * within 5 standard errors an entry (false alarm 6e-7 each, at a fixed seed), and known well enough to tell it from none.
 */
export async function expectDirection(
  trainer: Trainer,
  { start, at, exact, steps }: { start: Checkpoint; at: Snapshot; exact: readonly number[]; steps: number },
): Promise<void> {
  const sums = exact.map(() => [0, 0]);
  for (let s = 0; s < steps; s++) {
    await trainer.restore({ ...start, step: s });
    await trainer.policy.restore(at);
    await trainer.advance();
    (await directionOf(trainer.policy)).forEach((g, k) => {
      sums[k][0] += g;
      sums[k][1] += g * g;
    });
  }
  const errors = sums.map(([a, b]) => Math.sqrt(Math.max(0, b / steps - (a / steps) ** 2) / steps));
  expect(Math.hypot(...errors), 'the test can tell the gradient from none').toBeLessThan(Math.hypot(...exact) / 4);
  exact.forEach((g, k) => {
    const mean = sums[k][0] / steps;
    expect(Math.abs(mean - g), `logit ${k}: ${mean} for ${g} ± ${errors[k]}`).toBeLessThanOrEqual(5 * errors[k] + 1e-9);
  });
}

/** A score whose value is the log density of a table law. */
export function densityOf(law: LanguageModel): BoundFunction {
  const machine = modelMachine(law, 1);
  return {
    name: 'log density',
    kind: 'score',
    range: { lo: -Infinity, hi: 0 } as BoundFunction['range'],
    values: (batch) => law.logProb(batch),
    machine: () => machine,
  };
}

/** KL(p ‖ q) exactly, by dynamic programming over both tables. */
export async function forwardKl(t: Target, law: LanguageModel): Promise<number> {
  const r = await run({ ...t, named: [densityOf(law)] }, { engine: 'exact', draws: 0 });
  return -r.entropy!.value - r.expectations['log density']!.value;
}

/** E_q[log γ] + H(q) = log Z − KL(q ‖ p) exactly. */
export async function exactElbo(t: Target, law: LanguageModel): Promise<number> {
  const named = [
    densityOf(t.prior),
    ...factorsOf(t).map((f, i) => ({ ...densityOf(t.prior), name: `f${i}`, machine: () => f.machine() })),
  ];
  const alone: Target = { ...t, prior: law, stages: [{ factors: [], moments: [] }], named };
  const r = await run(alone, { engine: 'exact', draws: 0 });
  return Object.values(r.expectations).reduce((s, e) => s + e!.value, r.entropy!.value);
}
