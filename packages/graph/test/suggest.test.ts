import { describe, expect, it } from 'vitest';
import { nearestName } from '../src/index.ts';

describe('a misspelt name', () => {
  it('is taken for the closest one that keeps a letter', () => {
    expect(nearestName('lenght', ['length', 'log'])).toBe('length');
    expect(nearestName('e', ['E', 'KL'])).toBe('E');
    expect(nearestName('b', ['ab'])).toBe('ab');
    for (const name of ['a', 'x', 'bc']) expect(nearestName(name, ['E', 'P', 'KL'])).toBeUndefined();
  });
});
