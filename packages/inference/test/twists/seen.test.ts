import { expect, it } from 'vitest';
import { packSequences } from '@postulate/models';
import { factorsOf } from '../../src/index.ts';
import { isMachine } from '../../src/machine/index.ts';
import { effectiveTexts } from '../../src/twists/seen.ts';
import { target } from '../bind/support.ts';

const PRIOR =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.5 }, "a": { "a": 0.6, "b": 0.4 }, "b": { "a": 0.3, "b": 0.7 } }, max_tokens = 2)\n';

async function seen(posterior: string, texts: readonly number[][]): Promise<number> {
  const [factor] = factorsOf(await target(`${PRIOR}posterior = ${posterior}`));
  const machine = factor.machine();
  if (!isMachine(machine)) throw new Error(machine.reason);
  return effectiveTexts(
    machine,
    packSequences(
      texts,
      texts.map(() => false),
    ),
  );
}

const A = 0;
const B = 1;

it('counts texts by how much they weigh', async () => {
  expect(await seen('prior | contains("bb")', [[A, A], [B, B], [A, B], [B, B]])).toBeCloseTo(2, 12); // prettier-ignore
  // Weights 1, e and e²: (1 + e + e²)² / (1 + e² + e⁴).
  const e = Math.E;
  const expected = (1 + e + e ** 2) ** 2 / (1 + e ** 2 + e ** 4);
  expect(await seen('prior * exp(count("b"))', [[A, A], [A, B], [B, B]])).toBeCloseTo(expected, 12); // prettier-ignore
});

it('is 0 where none weighs anything', async () => {
  expect(await seen('prior | contains("bb")', [[A, A], [B, A]])).toBe(0); // prettier-ignore
});
