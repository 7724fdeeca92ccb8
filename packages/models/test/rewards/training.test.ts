import { sigmoid } from '@postulate/graph';
import { describe, expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import { calibratedTemperature, expectedCalibrationError, marginForecasts, marginLoss, pairAccuracy } from '../../src/rewards/calibration.ts'; // prettier-ignore
import { headConfig } from '../../src/rewards/head-config.ts';
import type { Example } from '../../src/rewards/kinds.ts';
import { type RewardPlan, RewardTraining, statesFrom } from '../../src/rewards/reward-training.ts';
import { type StateBatch, TextStates } from '../../src/rewards/states.ts';
import { normals, runtime, toyDecoder, toyTexts } from './support.ts';

const PAIRS = 2000;
const HELD_OUT = 1000;
const HEAD = headConfig('linear', 16, 1);
const PLAN: RewardPlan = { kind: 'bt', head: HEAD, epochs: 8, batch: 64, rate: 0.05, weightDecay: 0.01, member: false }; // prettier-ignore

/** Texts, a reward that is linear in their states, and pairs judged with Bradley–Terry noise. */
async function synthetic(scale: number, vocabulary = 13) {
  const texts = toyTexts(2 * (PAIRS + HELD_OUT), 'texts', 7, 1, vocabulary);
  const all = await new TextStates(toyDecoder(), HEAD).of(texts);
  const direction = normals(HEAD.width, 'direction');
  const reward = rewardOf(all, direction, scale);
  const uniform = seededChooser('judgements').uniform as () => number;
  const pairs = Array.from({ length: PAIRS + HELD_OUT }, (_, i): Example & { kind: 'pair' } => {
    const first = uniform() < sigmoid(reward[2 * i] - reward[2 * i + 1]);
    return { kind: 'pair', chosen: first ? 2 * i : 2 * i + 1, rejected: first ? 2 * i + 1 : 2 * i };
  });
  return { texts, all, reward, direction, train: pairs.slice(0, PAIRS), heldOut: pairs.slice(PAIRS) };
}

function rewardOf(states: StateBatch, direction: Float64Array, scale: number): Float64Array {
  const raw = Float64Array.from({ length: states.size }, (_, i) =>
    direction.reduce((sum, d, j) => sum + d * states.states[i * HEAD.width + j], 0),
  );
  const mean = raw.reduce((a, b) => a + b, 0) / raw.length;
  const sd = Math.sqrt(raw.reduce((s, v) => s + (v - mean) ** 2, 0) / raw.length);
  return raw.map((v) => (scale * (v - mean)) / sd);
}

function meanOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((a, b) => a + b, 0) / values.length;
}

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1);
}

async function trained(plan: RewardPlan, examples: readonly Example[], all: StateBatch, seed: string) {
  const training = new RewardTraining(runtime, plan, examples, statesFrom(all), seededChooser(seed));
  while (training.stepsDone < training.steps) await training.step();
  return training;
}

describe('2,000 synthetic pairs', async () => {
  const data = await synthetic(2);
  const training = await trained(PLAN, data.train, data.all, 'a');
  const r = await training.head.outputs(data.all);

  test('the generating ranking: held-out pairs within 2 points of the Bayes rate', () => {
    // Both rates are expectations over the judges' noise, so that neither has noise of its own.
    let [own, bayes] = [0, 0];
    for (const { chosen, rejected } of data.heldOut) {
      const p = sigmoid(data.reward[chosen] - data.reward[rejected]);
      bayes += Math.max(p, 1 - p);
      own += r[chosen] > r[rejected] ? p : 1 - p;
    }
    expect(bayes / HELD_OUT).toBeGreaterThan(0.75);
    expect((bayes - own) / HELD_OUT).toBeLessThan(0.02);
    const margins = data.heldOut.map(({ chosen, rejected }) => r[chosen] - r[rejected]);
    // Four standard errors of a share of 1,000.
    expect(pairAccuracy(margins)).toBeGreaterThan(bayes / HELD_OUT - 0.02 - 0.063);
  });

  test('a temperature repairs margins that are too wide', () => {
    const margins = data.heldOut.map(({ chosen, rejected }) => 4 * (r[chosen] - r[rejected]));
    const tau = calibratedTemperature(margins);
    expect(tau).toBeGreaterThan(2.5);
    expect(tau).toBeLessThan(6);
    const before = expectedCalibrationError(marginForecasts(margins, 1));
    const after = expectedCalibrationError(marginForecasts(margins, tau));
    expect(before).toBeGreaterThan(0.08);
    expect(after).toBeLessThan(before / 2);
    for (const other of [0.9, 1.1]) expect(marginLoss(margins, tau)).toBeLessThan(marginLoss(margins, tau * other));
  });

  test('an ensemble disagrees more where it has not been', async () => {
    const plan = { ...PLAN, epochs: 4, member: true };
    // The judges saw the first half of the vocabulary only.
    const half = await synthetic(2, 7);
    const few = half.train.slice(0, 300);
    const members: RewardTraining[] = [];
    for (const seed of ['m0', 'm1', 'm2', 'm3', 'm4']) members.push(await trained(plan, few, half.all, seed));
    // A constant in a reward means nothing: each member is centred on the same texts.
    const centres: number[] = [];
    for (const { head } of members) centres.push(meanOf(await head.outputs(half.all)));
    const spread = async (states: StateBatch): Promise<number> => {
      const rows: Float32Array[] = [];
      for (const [m, { head }] of members.entries()) rows.push((await head.outputs(states)).map((v) => v - centres[m]));
      return meanOf(Array.from({ length: states.size }, (_, i) => varianceOf(rows.map((row) => row[i]))));
    };
    const read = new TextStates(toyDecoder(), HEAD);
    const on = await spread(await read.of(toyTexts(300, 'like the data', 7, 1, 7)));
    const off = await spread(await read.of(toyTexts(300, 'unlike it', 7, 7, 13)));
    expect(off).toBeGreaterThan(1.25 * on);
  });
});

test('training that is restored goes on as if it had never stopped', async () => {
  const { all, train } = await synthetic(2);
  const make = (): RewardTraining =>
    new RewardTraining(runtime, { ...PLAN, epochs: 1, member: true }, train.slice(0, 200), statesFrom(all), seededChooser('r')); // prettier-ignore
  const [one, other] = [make(), make()];
  await one.step();
  const state = one.state();
  await one.step();
  other.restore(state);
  await other.step();
  for (const [name, data] of one.weights) expect([...(other.weights.get(name) as Float32Array)]).toEqual([...data]);
});
