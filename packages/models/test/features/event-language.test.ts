import fc from 'fast-check';
import type { EventNode, GraphNode, ModelGraph, ScoreNode } from '@postulate/graph';
import { describe, expect, it } from 'vitest';
import { eventLanguage } from '../../src/features/index.ts';
import { argumentsOf, featureNode, noData, testNode } from './support.ts';

type Tree =
  | { readonly leaf: GraphNode }
  | { readonly op: 'and' | 'or'; readonly of: readonly Tree[] }
  | { readonly op: 'not'; readonly of: readonly [Tree] }
  | { readonly op: '<' | '<=' | '>' | '>=' | '==' | '!='; readonly of: readonly [Tree, Tree] };

function graphOf(tree: Tree): ModelGraph {
  const nodes: GraphNode[] = [];
  const add = (t: Tree): number => {
    if ('leaf' in t) return nodes.push(t.leaf) - 1;
    const of = t.of.map(add);
    if (t.op === 'and' || t.op === 'or') return nodes.push({ kind: t.op, of, type: 'event' }) - 1;
    if (t.op === 'not') return nodes.push({ kind: 'not', of: of[0], type: 'event' }) - 1;
    return nodes.push({ kind: 'compare', op: t.op, left: of[0], right: of[1], type: 'event' }) - 1;
  };
  add(tree);
  return { version: 1, source: 'test', nodes, outputs: [], params: [], contexts: [], properties: [] };
}

const verdict = (tree: Tree) => {
  const graph = graphOf(tree);
  return eventLanguage(graph, graph.nodes.length - 1, noData);
};
const contains = (text: string, more = {}): Tree => ({ leaf: testNode('contains', argumentsOf({ text, ...more })) });
const matches = (pattern: string): Tree => ({ leaf: testNode('matches', argumentsOf({ pattern })) });
const finished: Tree = { leaf: testNode('finished') };
const number = (value: number): Tree => ({
  leaf: { kind: 'number', value, type: 'score' } satisfies ScoreNode & GraphNode,
});
const constant = (value: boolean): Tree => ({
  leaf: { kind: 'boolean', value, type: 'event' } satisfies EventNode & GraphNode,
});
const score = (name: string, args = {}): Tree => ({ leaf: featureNode(name, argumentsOf(args)) });
const and = (...of: Tree[]): Tree => ({ op: 'and', of });
const or = (...of: Tree[]): Tree => ({ op: 'or', of });
const not = (tree: Tree): Tree => ({ op: 'not', of: [tree] });

describe('the language of an event', () => {
  it.each<[string, Tree, string]>([
    ['contains', contains('a'), 'neither'],
    ['a and not a', and(contains('a'), not(contains('a'))), 'empty'],
    ['ab implies a', or(not(contains('ab')), contains('a')), 'universal'],
    ['a implies ab', or(not(contains('a')), contains('ab')), 'neither'],
    ['whole word implies word', or(not(contains('a', { whole_word: true })), contains('a')), 'universal'],
    ['two starts', and(matches('a.*'), matches('b.*')), 'empty'],
    ['anything', matches('[\\s\\S]*'), 'universal'],
    ['all but line breaks', matches('.*'), 'neither'],
    ['an impossible class', matches('[^\\s\\S]'), 'empty'],
    ['true', constant(true), 'universal'],
    ['nothing', and(), 'universal'],
    ['finished alone', finished, 'unknown'],
    ['not finished', not(finished), 'unknown'],
    ['finished and a contradiction', and(finished, contains('a'), not(contains('a'))), 'empty'],
    ['finished or a tautology', or(finished, contains('a'), not(contains('a'))), 'universal'],
    ['finished and a', and(finished, contains('a')), 'unknown'],
    [
      'count > 2 without any',
      and({ op: '>', of: [score('count', { text: 'a' }), number(2)] }, not(contains('a'))),
      'empty',
    ],
    ['2 < count', and({ op: '<', of: [number(2), score('count', { text: 'a' })] }, matches('a{2}')), 'empty'],
    ['2 < count, met', and({ op: '<', of: [number(2), score('count', { text: 'a' })] }, matches('a{3}')), 'neither'],
    ['chars >= 0', { op: '>=', of: [score('chars'), number(0)] }, 'universal'],
    ['chars < 0', { op: '<', of: [score('chars'), number(0)] }, 'empty'],
    ['words == 1.5', { op: '==', of: [score('words'), number(1.5)] }, 'empty'],
    ['words != 1.5', { op: '!=', of: [score('words'), number(1.5)] }, 'universal'],
    ['a long word in few characters', and({ op: '<=', of: [score('chars'), number(4)] }, contains('hello')), 'empty'],
    ['sentiment > 3', { op: '>', of: [score('sentiment'), number(3)] }, 'unknown'],
    ['of a context', { leaf: testNode('contains', { text: { kind: 'context', name: 'c' } }) }, 'unknown'],
  ])('%s', async (_, tree, expected) => {
    expect(await verdict(tree)).toBe(expected);
  });

  it('refuses a bad regular expression', async () => {
    await expect(verdict(matches('a(?=b)'))).rejects.toThrow('P304');
  });

  it('is never wrong on formulas over two letters (against all texts of up to five)', async () => {
    const LETTERS = ['a', 'b', '!'];
    let texts = [''];
    const all = [...texts];
    for (let n = 0; n < 5; n++) all.push(...(texts = texts.flatMap((t) => LETTERS.map((c) => t + c))));
    const leaf = fc.constantFrom('a', 'b', 'ab', 'ba', 'aa');
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        leaf.map((s) => contains(s)),
        fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((of) => and(...of)),
        fc.array(tie('tree'), { minLength: 2, maxLength: 3 }).map((of) => or(...of)),
        tie('tree').map(not),
      ),
    }));
    const holds = (t: Tree, text: string): boolean => {
      if ('leaf' in t)
        return (
          t.leaf.kind === 'test' && t.leaf.args['text'].kind === 'string' && text.includes(t.leaf.args['text'].value)
        );
      if (t.op === 'not') return !holds(t.of[0], text);
      return t.op === 'and' ? t.of.every((u) => holds(u, text)) : t.of.some((u) => holds(u, text));
    };
    await fc.assert(
      fc.asyncProperty(tree, async (t) => {
        const truths = all.map((text) => holds(t, text));
        const expected = truths.every(Boolean) ? 'universal' : truths.some(Boolean) ? 'neither' : 'empty';
        // At most five different needles of two letters: what no short text shows, a longer one may.
        const found = await verdict(t);
        if (expected === 'neither') expect(found).toBe('neither');
        else expect([expected, 'neither']).toContain(found);
      }),
      { numRuns: 150, seed: 8 },
    );
  });
});

it('judges chains of events longer than the call stack', async () => {
  const nodes: GraphNode[] = [{ kind: 'boolean', type: 'event', value: false }];
  for (let i = 0; i < 20_000; i++) nodes.push({ kind: 'not', type: 'event', of: i });
  const graph: ModelGraph = { version: 1, source: 'x', nodes, outputs: [], params: [], contexts: [], properties: [] };
  expect(await eventLanguage(graph, 20_000, noData)).toBe('empty');
  expect(await eventLanguage(graph, 19_999, noData)).toBe('universal');
});
