import { describe, expect, test } from 'vitest';
import { eventDecisions, nodeRange, type GraphNode, type ModelGraph } from '../src/index.ts';

function graphOf(nodes: readonly GraphNode[]): ModelGraph {
  return { version: 1, source: 'x', nodes, outputs: [], params: [], contexts: [], properties: [] };
}

const feature = (name: string): GraphNode => ({ kind: 'feature', type: 'score', name, args: {} });
const number = (value: number): GraphNode => ({ kind: 'number', type: 'score', value });
const OPERATORS = ['<', '<=', '>', '>=', '==', '!='] as const;

/** Decisions of `length op value` for each operator, in the order of `OPERATORS`. */
function against(value: number, maxTokens: number): readonly (boolean | undefined)[] {
  const nodes = [feature('length'), number(value)];
  for (const op of OPERATORS) nodes.push({ kind: 'compare', type: 'event', op, left: 0, right: 1 });
  const decide = eventDecisions(graphOf(nodes), { maxTokens, maxChars: Infinity });
  return OPERATORS.map((_, i) => decide(i + 2));
}

describe('events that ranges decide', () => {
  test('comparisons with values outside, at the ends of, and inside a range', () => {
    expect(against(5, 4)).toEqual([true, true, false, false, false, true]);
    expect(against(4, 4)).toEqual([undefined, true, false, undefined, undefined, undefined]);
    expect(against(2, 4)).toEqual([undefined, undefined, undefined, undefined, undefined, undefined]);
    expect(against(0, 4)).toEqual([false, undefined, undefined, true, undefined, undefined]);
    expect(against(-1, 4)).toEqual([false, false, true, true, false, true]);
    expect(against(0, 0)).toEqual([false, true, false, true, true, false]);
  });

  test('an open end is not reached', () => {
    const nodes: GraphNode[] = [feature('chars'), { kind: 'apply', type: 'score', fn: 'exp', args: [0] }, number(1)];
    nodes.push({ kind: 'negate', type: 'score', of: 0 }, { kind: 'apply', type: 'score', fn: 'exp', args: [3] });
    nodes.push(number(0), { kind: 'compare', type: 'event', op: '>', left: 4, right: 5 });
    nodes.push({ kind: 'compare', type: 'event', op: '>=', left: 1, right: 2 });
    const decide = eventDecisions(graphOf(nodes));
    expect([decide(6), decide(7)]).toEqual([true, true]);
  });

  test('connectives know as much as one part tells', () => {
    const nodes: GraphNode[] = [
      { kind: 'boolean', type: 'event', value: true },
      { kind: 'boolean', type: 'event', value: false },
      { kind: 'test', type: 'event', name: 'finished', args: {} },
    ];
    for (const kind of ['and', 'or'] as const) {
      for (const of of [
        [0, 0],
        [0, 1],
        [0, 2],
        [1, 1],
        [1, 2],
        [2, 2],
      ])
        nodes.push({ kind, type: 'event', of });
    }
    nodes.push({ kind: 'not', type: 'event', of: 1 }, { kind: 'not', type: 'event', of: 2 });
    const decide = eventDecisions(graphOf(nodes));
    const found = nodes.slice(3).map((_, i) => decide(i + 3));
    expect(found.slice(0, 6)).toEqual([true, false, undefined, false, false, undefined]);
    expect(found.slice(6, 12)).toEqual([true, true, true, false, undefined, undefined]);
    expect(found.slice(12)).toEqual([true, undefined]);
  });

  test('chains of definitions longer than the call stack', () => {
    const nodes: GraphNode[] = [feature('length'), { kind: 'boolean', type: 'event', value: true }];
    for (let i = 0; i < 50_000; i++) {
      nodes.push({ kind: 'negate', type: 'score', of: Math.max(0, nodes.length - 2) });
      nodes.push({ kind: 'not', type: 'event', of: nodes.length - 2 });
    }
    const graph = graphOf(nodes);
    expect(nodeRange(graph, nodes.length - 2, { maxTokens: 3, maxChars: 9 })).toMatchObject({ lo: 0, hi: 3 });
    expect(eventDecisions(graph)(nodes.length - 1)).toBe(true);
  });
});
