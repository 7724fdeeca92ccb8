import { expect, test } from 'vitest';
import { bigram } from '../../src/index.ts';
import { mixture } from '../../src/priors/mixture.ts';
import { rowModel } from '../../src/priors/row-model.ts';
import { CHAIN } from './support.ts';

const chain = bigram(CHAIN, 3);
const EVEN = { words: Int32Array.of(0, 1), probs: Float64Array.of(0.5, 0.5), targets: Int32Array.of(0, 0) };

test.each([
  ['a table', chain],
  [
    'a mixture',
    mixture(
      [
        chain,
        bigram(
          [
            [
              '^',
              [
                ['a', 0.5],
                ['b', 0.5],
              ],
            ],
            ['a', [['a', 1]]],
            ['b', [['b', 1]]],
          ],
          3,
        ),
      ],
      [1, 2],
    ),
  ],
  ['rows made when visited', rowModel(chain, 'even', () => EVEN)],
])('rows of %s may become more or fewer, each the law after what it has read', async (_, model) => {
  const width = model.vocabulary.size + 1;
  const session = model.open(2);
  await session.advance(Int32Array.of(0, 1));
  const before = session.logProbs.slice();
  const row = (i: number) => [...session.logProbs.subarray(i * width, (i + 1) * width)];
  const was = (i: number) => [...before.subarray(i * width, (i + 1) * width)];
  for (const ancestors of [[1, 0, 1], [2], [0, 0, 0, 0]]) {
    session.reorder(Int32Array.from(ancestors));
    expect(session.logProbs).toHaveLength(ancestors.length * width);
  }
  for (let i = 0; i < 4; i++) row(i).forEach((x, k) => expect(x).toBeCloseTo(was(1)[k], 12));
});
