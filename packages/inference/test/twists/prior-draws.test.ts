import { bigram, type LanguageModel } from '@postulate/models';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { seededChooser } from '../../src/chooser/index.ts';
import { priorDraws } from '../../src/twists/prior-draws.ts';

const LETTERS = bigram([['^', [['a', 0.5], ['b', 0.5]]], ['a', [['a', 0.6], ['$', 0.4]]], ['b', [['b', 0.7], ['$', 0.3]]]], 6); // prettier-ignore

/** The letters as a network would give them: later, and so many at a time as it is asked for. */
function slow(asked: number[]): LanguageModel {
  const { table: _, ...rest } = LETTERS;
  return {
    ...rest,
    sample: async (count, chooser) => {
      asked.push(count);
      return LETTERS.sample(count, chooser);
    },
  };
}

const AS = { signal: undefined, tell: undefined };
const COUNT = { many: 2000, few: 600 };

describe('texts that a twist is fitted on', () => {
  afterEach(() => vi.restoreAllMocks());

  it('are many of a prior that answers at once, as it gives them', async () => {
    const drawn = await priorDraws({ ...AS, prior: LETTERS, chooser: seededChooser('a') }, COUNT, 'x');
    expect(drawn).toEqual(LETTERS.sample(2000, seededChooser('a')));
  });

  it('are few of one that takes its time, in blocks, the same for the same seed', async () => {
    const asked: number[] = [];
    const one = await priorDraws({ ...AS, prior: slow(asked), chooser: seededChooser('a') }, COUNT, 'x');
    expect(asked).toEqual([256, 256, 88]);
    expect(one.size).toBe(600);
    const starts = Array.from({ length: 600 }, (_, i) => [...one.tokens.slice(one.offsets[i], one.offsets[i + 1])]);
    expect(starts.slice(0, 256)).not.toEqual(starts.slice(256, 512));
    const two = await priorDraws({ ...AS, prior: slow([]), chooser: seededChooser('a') }, COUNT, 'x');
    expect(two).toEqual(one);
  });

  it('say how far they are, and stop between blocks', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => (now += 1500));
    const told: string[] = [];
    const tell = (message: string): void => void told.push(message);
    await priorDraws({ ...AS, prior: slow([]), chooser: seededChooser('a'), tell }, COUNT, 'a table');
    expect(told).toEqual(['a table: 512 of 600 texts of the prior']);
    const controller = new AbortController();
    const asked: number[] = [];
    const prior = slow(asked);
    const sample: LanguageModel['sample'] = (count, chooser) => {
      controller.abort(new Error('enough'));
      return prior.sample(count, chooser);
    };
    const given = { ...AS, prior: { ...prior, sample }, chooser: seededChooser('a'), signal: controller.signal };
    await expect(priorDraws(given, COUNT, 'x')).rejects.toThrow('enough');
    expect(asked).toEqual([256]);
  });
});
