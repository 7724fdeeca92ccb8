import { describe, expect, it } from 'vitest';
import { PostError, type Arguments, type GraphNode, type ModelGraph, type NodeOf } from '@postulate/graph';
import { bind } from '../../src/index.ts';
import { bindAll, everySequence, graphOf, models, PRIOR, target } from './support.ts';

const failure = async (text: string, posterior?: string): Promise<PostError> => {
  try {
    await bindAll(text, posterior);
  } catch (error) {
    if (error instanceof PostError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('the posterior to run', () => {
  it('is the only one, or the one called posterior', async () => {
    expect((await target(`${PRIOR}mine = prior * exp(length)`)).name).toBe('mine');
    const two = `${PRIOR}other = prior | contains("a")\nposterior = prior * exp(length)`;
    expect((await target(two)).name).toBe('posterior');
    expect((await target(two, 'other')).name).toBe('other');
    expect((await target(two, 'prior')).stages).toEqual([{ factors: [], moments: [] }]);
  });

  it('is asked for where it is not clear', async () => {
    const several = await failure(`${PRIOR}one = prior * exp(length)\ntwo = prior | contains("a")`);
    expect(several.code).toBe('P401');
    expect(several.diagnostics[0].help).toContain('one, two');
    const none = await failure(PRIOR);
    expect(none.code).toBe('P400');
    expect(none.diagnostics[0].help).toContain('prior');
    const unknown = await failure(`${PRIOR}safe = prior * exp(length)`, 'saef');
    expect(unknown.code).toBe('P407');
    expect(unknown.message).toContain('Did you mean safe?');
    const score = await failure(`${PRIOR}r = length\nsafe = prior * exp(r)`, 'r');
    expect(score.message).toContain('"r" is a score');
  });

  it('has one vocabulary and one max_tokens', async () => {
    const same = graphOf(`${PRIOR}other = prior ^ 1\nposterior = prior * exp(log_prob(prior))`);
    const changed = (args: Arguments): ModelGraph => {
      const at = same.nodes.findIndex((n) => n.kind === 'prior');
      const prior = same.nodes[at] as NodeOf<'prior'> & GraphNode;
      const nodes = [...same.nodes, { ...prior, args: { ...prior.args, ...args } }];
      const other = nodes.length - 1;
      const swap = (n: GraphNode): GraphNode => (n.kind === 'logProb' ? { ...n, distribution: other } : n);
      return { ...same, nodes: nodes.map(swap) };
    };
    const refusal = (graph: ModelGraph): Promise<PostError> =>
      bind(graph, 'posterior', models).then(
        () => Promise.reject(new Error('bound')),
        (e: PostError) => e,
      );
    const longer = await refusal(changed({ max_tokens: { kind: 'number', value: 4 } }));
    expect(longer.code).toBe('P208');
    expect(longer.message).toContain('max_tokens are 3 and 4');
    const joined = await refusal(changed({ separator: { kind: 'string', value: ' ' } }));
    expect(joined.message).toContain('joined differently');
  });

  it('reads another numbering of the same tokens', async () => {
    const swapped =
      'other = bigram({ "^": { "b": 0.2, "a": 0.2, "$": 0.6 }, "b": { "a": 0.7, "b": 0.1, "$": 0.2 }, "a": { "a": 0.1, "b": 0.6, "$": 0.3 } }, max_tokens = 3)\n';
    const t = await target(`${PRIOR}${swapped}lp = log_prob(other)\nposterior = prior * other`);
    const batch = everySequence(t.prior);
    const at = (text: string): number =>
      Array.from({ length: batch.size }, (_, i) => i).find((i) => batch.text(i) === text)!;
    const values = await t.named[0].values(batch);
    expect(values[at('ab')]).toBeCloseTo(Math.log(0.2 * 0.6 * 0.2), 12);
    const machine = t.stages[0].factors[0].machine();
    expect('next' in machine).toBe(true);
  });
});

describe('contexts and stages', () => {
  it('gives one target for each value, and one where the posterior does not depend on it', async () => {
    expect(await bindAll(`context c in ["a", "b"]\n${PRIOR}posterior = prior * exp(length)`)).toHaveLength(1);
    const family = await bindAll(`context c in ["a", "b"]\n${PRIOR}r = count(c)\nposterior = prior * exp(r)`);
    expect(family.map((t) => t.context)).toEqual([{ c: 'a' }, { c: 'b' }]);
    const batch = everySequence(family[0].prior);
    for (const t of family) {
      const values = await t.named[0].values(batch);
      values.forEach((v, i) => expect(v).toBe([...batch.text(i)].filter((x) => x === t.context['c']).length));
    }
  });

  it('keeps the moments of an inner posterior before the factors around it', async () => {
    const t = await target(
      `${PRIOR}inner = prior subject to { P(contains("b")) = 0.8 }\nposterior = inner * exp(length) | contains("a")`,
    );
    expect(t.stages.map((s) => [s.factors.length, s.moments.length])).toEqual([
      [0, 1],
      [2, 0],
    ]);
  });

  it('raises every factor with the whole, a mass of zero staying zero', async () => {
    const t = await target(`${PRIOR}posterior = (prior * exp(count("b")) | not contains("aa")) ^ 0.5`);
    const batch = everySequence(t.prior);
    const logs = await Promise.all(t.stages[0].factors.map((f) => f.logWeights(batch)));
    const prior = await t.prior.logProb(batch);
    for (let i = 0; i < batch.size; i++) {
      const text = batch.text(i);
      const b = [...text].filter((c) => c === 'b').length;
      const total = logs.reduce((s, l) => s + l[i], 0);
      if (text.includes('aa')) expect(total).toBe(-Infinity);
      else expect(prior[i] + total).toBeCloseTo(0.5 * (prior[i] + b), 12);
    }
  });
});
