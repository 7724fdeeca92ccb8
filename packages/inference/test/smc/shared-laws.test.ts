import { describe, expect, it } from 'vitest';
import { seededChooser } from '../../src/chooser/index.ts';
import { jointMachine } from '../../src/twists/joint-machine.ts';
import { prefixTwist } from '../../src/twists/prefix.ts';
import { twistedExtension } from '../../src/smc/index.ts';
import { twistFor, type Twist } from '../../src/twists/index.ts';
import type { Target } from '../../src/index.ts';
import { fixture, target } from '../bind/support.ts';
import { particlesOf } from './support.ts';

/** The same twist, whose laws are worked out row by row. */
function rowByRow(twist: Twist): Twist {
  return {
    ...twist,
    open(size) {
      const { shared: _, ...session } = twist.open(size);
      return { ...session, logValues: new Float64Array(size) };
    },
  };
}

const ENDING =
  'prior = bigram({ "^": { "a": 0.5, "b": 0.3, "$": 0.2 }, "a": { "a": 0.3, "b": 0.4, "$": 0.3 }, "b": { "a": 0.2, "b": 0.5, "$": 0.3 } }, max_tokens = 7)\n';

/** The same particles come out whether laws are shared or not. */
async function same(t: Target, twist: Twist): Promise<void> {
  for (let seed = 0; seed < 5; seed++) {
    const [kept, alone] = await Promise.all(
      [twist, rowByRow(twist)].map((w) =>
        particlesOf(t, twistedExtension(t.prior, w), { particles: 40 }, seededChooser(`${seed}`)),
      ),
    );
    expect(kept.particles.tokens).toEqual(alone.particles.tokens);
    expect(kept.killed).toEqual(alone.killed);
    expect(kept.logZ).toBeCloseTo(alone.logZ, 11);
    kept.particles.logWeight.forEach((w, i) => expect(w).toBeCloseTo(alone.particles.logWeight[i], 11));
  }
}

describe('laws that rows share', () => {
  // The third has values at the ends of texts, the last dies by its position: "aaa" can follow up to four tokens only.
  it.each([
    ['markov6', 'A'],
    ['markov6', 'B'],
    [`${ENDING}posterior = prior * exp(count("ab") - 2 * count("b"))`, undefined],
    [`${ENDING}posterior = prior | contains("aaa") and not finished`, undefined],
    [`${ENDING}posterior = prior * (if ends_with("ba") then 3 else 0.25)`, undefined],
  ])('give what each row would have got: %s %s', async (program, posterior) => {
    const t = posterior === undefined ? await target(program) : await fixture(program, posterior);
    const { maxTokens, vocabulary } = t.prior;
    const { factors } = t.stages[0];
    const { machine, leftOut } = jointMachine(factors, vocabulary.size, { maxStates: 1000, maxTokens });
    expect(leftOut).toEqual([]);
    const twist = prefixTwist(machine, maxTokens, false);
    await same(t, twist);
  });

  it.each(['contrastive', 'soft-value'])('do so under the twist %s', async (name) => {
    const t = await fixture('markov6', 'B');
    const options = { learnedDraws: 300, learnedRounds: 2 };
    await same(t, await twistFor(t, name, options, seededChooser('fit')));
    const ending = await target(`${ENDING}posterior = prior * exp(distinct(2)) | not contains("bb")`);
    await same(ending, await twistFor(ending, name, options, seededChooser('fit')));
  });
});
