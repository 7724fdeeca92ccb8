import { describe, expect, test } from 'vitest';
import { seededChooser } from '../../../inference/src/chooser/index.ts';
import type { Example, RewardKind } from '../../src/rewards/kinds.ts';
import { textsOf } from '../../src/rewards/kinds.ts';
import { bradleyTerryLoss, categoricalLoss } from '../../src/rewards/losses.ts';
import { lossAt } from '../../src/rewards/objective.ts';

const PAIR: Example = { kind: 'pair', chosen: 0, rejected: 1 };
const CASES: readonly (readonly [RewardKind, Example, number])[] = [
  ['bt', PAIR, 1],
  ['dpl', PAIR, 2],
  ['categorical', PAIR, 10],
  ['label', { kind: 'label', text: 0, label: 2 }, 4],
  ['gaussian', { kind: 'rating', text: 0, rating: 1.7 }, 2],
  ['beta', { kind: 'approvals', text: 0, approvals: 3, of: 7 }, 2],
  ['beta', { kind: 'approvals', text: 0, approvals: 80, of: 200 }, 2],
];

describe.each(CASES)('%s', (kind, example, outputs) => {
  test('the gradient is that of central differences', () => {
    const { uniform } = seededChooser(`gradient ${kind}`);
    for (let trial = 0; trial < 20; trial++) {
      const rows = [0, 1].map(() => Array.from({ length: outputs }, () => 4 * ((uniform as () => number)() - 0.5)));
      const { gradients } = lossAt(kind, example, (text) => rows[text]);
      for (const [which, text] of textsOf(example).entries()) {
        for (let j = 0; j < outputs; j++) {
          const moved = (by: number): number =>
            lossAt(kind, example, (t) => rows[t].map((v, i) => (t === text && i === j ? v + by : v))).loss;
          const h = 1e-4;
          // Richardson: the error is of order h⁴.
          const slope = (8 * (moved(h / 2) - moved(-h / 2)) - (moved(h) - moved(-h))) / (6 * h);
          expect(Math.abs(gradients[which][j] - slope)).toBeLessThan(1e-8);
        }
      }
    }
  });
});

test('a mean-variance loss far out has a finite gradient', () => {
  const { loss, gradients } = lossAt('dpl', PAIR, (text) => (text === 0 ? [-50, 0] : [50, 0]));
  expect(Number.isFinite(loss)).toBe(true);
  expect(gradients.flatMap((g) => [...g]).every(Number.isFinite)).toBe(true);
  expect(gradients[0][0]).toBeLessThan(-10);
});

test('Bradley-Terry alone does not see a constant; centring does', () => {
  expect(bradleyTerryLoss([3], [1], 0).loss).toBeCloseTo(bradleyTerryLoss([103], [101], 0).loss, 12);
  expect(bradleyTerryLoss([3], [1], 0.1).loss).toBeLessThan(bradleyTerryLoss([4], [2], 0.1).loss);
});

test('the categorical law wins half of the time against itself', () => {
  const row = [0.3, -1, 2, 0.1];
  expect(Math.exp(-categoricalLoss(row, row, 0).loss)).toBeCloseTo(0.5, 12);
});
