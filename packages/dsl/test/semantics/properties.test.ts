import { claimText, type Claim, type ModelGraph, type Property } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/index.ts';

const FILE = `prior = tabular({ "a": 1, "b": 2 })
param limit = 2
reward = count("a")
good = contains("a")
twice(s) = 2 * s
close(a, b) = abs(a - b) < 0.5
posterior = prior * exp(reward)
`;

function compiled(property: string): { readonly graph: ModelGraph; readonly property: Property } {
  const { graph, diagnostics } = compile(`${FILE}property "p": ${property}\n`, 'test.post');
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  return { graph: graph!, property: graph!.properties[0] };
}

const shown = (text: string): string => {
  const { graph, property } = compiled(text);
  return claimText(graph, property.claim);
};

describe('properties', () => {
  it.each([
    'E(reward | posterior) > E(reward | prior)',
    'KL(posterior, prior) < 6 and H(posterior) > 1 or TV(posterior, prior) <= 0.5',
    'not P(good | posterior) == 1',
    'log_Z(posterior) <= limit',
    'forall x: good(x) implies reward(x) >= 1',
    'forall x, y: reward(x) >= reward(y) implies ratio(posterior, x) >= ratio(posterior, y)',
    'forall x in posterior: log_density(posterior, x) - log_density(prior, x) == 1 * reward(x)',
    'forall x: (if good(x) then reward(x) else 1) >= 1',
    'forall x: max(reward(x), 1) ^ 2 < -reward(x) + 9',
  ])('%s says what it says', (text) => {
    const claim = text.replace(/^forall[^:]*: /, '');
    const loose = (s: string): string => s.replace(/\s/g, '');
    expect(loose(shown(text))).toBe(loose(claim));
  });

  it('bind texts by name, and range over a distribution', () => {
    const { graph, property } = compiled('forall x, y in posterior | good: reward(x) >= 0');
    expect(property.forall?.texts).toEqual(['x', 'y']);
    const over = graph.nodes[property.forall!.in!];
    expect(over.kind === 'posterior' && over.factors).toHaveLength(2);
  });

  it('expand functions of the file, and chains of comparisons', () => {
    expect(shown('forall x: close(reward(x), log_density(prior, x))')).toBe(
      'abs(reward(x) - log_density(prior, x)) < 0.5',
    );
    expect(shown('1 < E(twice(reward) | prior) < 3')).toMatch(
      /^1 < E\(2\*reward \| prior\) and E\(2\*reward \| prior\) < 3$/,
    );
    expect(shown('forall x: indicator(good(x)) == 1')).toBe('(if good(x) then 1 else 0) == 1');
  });

  it('are constants where the file decides them', () => {
    expect(compiled('1 < 2').property.claim).toEqual<Claim>({ kind: 'boolean', value: true });
    expect(compiled('1 > 2 and P(good | prior) > 0').property.claim.kind).toBe('and');
  });

  it('change nothing about what the file defines', () => {
    const bare = compile(FILE, 'test.post').graph!;
    const { graph } = compiled('KL(posterior | reward > 1, prior) > 0');
    expect(graph.outputs.map((o) => o.name)).toEqual(bare.outputs.map((o) => o.name));
  });
});
