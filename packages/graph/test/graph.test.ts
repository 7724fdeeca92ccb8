import { describe, expect, it } from 'vitest';
import * as g from '../src/index.ts';

const score = { type: 'score' } as const;
const event = { type: 'event' } as const;
const str = (value: string): g.Argument => ({ kind: 'string', value });

/** prior * exp(reward / beta) with reward = count("Paris") - 0.1 * length, | noCurse. */
function example(
  options: { readonly beta?: number; readonly swap?: boolean; readonly names?: boolean } = {},
): g.ModelGraph {
  const label = (name: string): { readonly label?: string } => (options.names === false ? {} : { label: name });
  const nodes: readonly g.GraphNode[] = [
    {
      kind: 'prior',
      name: 'ngram',
      args: { corpus: str('nlp-corpus'), max_tokens: { kind: 'number', value: 20 } },
      type: 'distribution',
      ...label('prior'),
    },
    { kind: 'feature', name: 'count', args: { text: str('Paris') }, ...score },
    { kind: 'number', value: 0.1, ...score },
    { kind: 'feature', name: 'length', args: {}, ...score },
    { kind: 'arithmetic', op: 'multiply', left: 2, right: 3, ...score },
    { kind: 'arithmetic', op: 'subtract', left: 1, right: 4, ...score, ...label('reward') },
    { kind: 'number', value: options.beta ?? 0.5, param: 'beta', ...score },
    { kind: 'arithmetic', op: 'divide', left: 5, right: 6, ...score },
    { kind: 'apply', fn: 'exp', args: [7], ...score },
    {
      kind: 'test',
      name: 'contains',
      args: { text: str('damn'), whole_word: { kind: 'boolean', value: true } },
      ...event,
    },
    { kind: 'not', of: 9, ...event, ...label('noCurse') },
    { kind: 'indicator', event: 10, ...score },
    {
      kind: 'posterior',
      base: 0,
      factors: options.swap ? [11, 8] : [8, 11],
      moments: [],
      type: 'distribution',
      ...label('both'),
    },
  ];
  const outputs: readonly g.Output[] = [
    { name: 'prior', node: 0, type: 'distribution' },
    { name: 'reward', node: 5, type: 'score' },
    { name: 'noCurse', node: 10, type: 'event' },
    { name: 'both', node: 12, type: 'distribution' },
  ];
  const params = [{ name: 'beta', value: options.beta ?? 0.5, range: g.POSITIVE }];
  return {
    version: 1,
    source: 'example.post',
    nodes,
    outputs,
    params,
    contexts: [],
    properties: [],
  };
}

describe('canonical hash', () => {
  const hash = (graph: g.ModelGraph): string => g.graphHash(graph, 12);

  it('does not depend on names, order of factors or which param a number came from', () => {
    expect(hash(example({ names: false }))).toBe(hash(example()));
    expect(hash(example({ swap: true }))).toBe(hash(example()));
  });

  it('depends on every number', () => {
    expect(hash(example({ beta: 0.25 }))).not.toBe(hash(example()));
  });

  it('keeps the sides of what does not commute apart', () => {
    const graph = example();
    const nodes = graph.nodes.map((n, i) =>
      i === 5 && n.kind === 'arithmetic' ? { ...n, left: n.right, right: n.left } : n,
    );
    expect(hash({ ...graph, nodes })).not.toBe(hash(graph));
  });

  it('is pinned, so that a run can be matched with its program later', () => {
    expect(hash(example())).toMatchInlineSnapshot(`"875939f752313420"`);
  });
});

describe('ranges and shapes', () => {
  const graph = example();

  it('narrows ranges with what the prior allows', () => {
    expect(g.formatRange(g.nodeRange(graph, 5))).toBe('(-inf, inf)');
    expect(g.formatRange(g.nodeRange(graph, 5, { maxTokens: 20, maxChars: 100 }))).toBe('[-2, 20]');
  });

  it('tells regular, additive and opaque apart', () => {
    expect([1, 5, 7, 10, 11].map((i) => g.shapeOf(graph, i))).toEqual([
      'additive',
      'additive',
      'additive',
      'regular',
      'regular',
    ]);
    expect([...g.factorCapabilities(graph, 11)]).toContain('boolean');
    expect([...g.factorCapabilities(graph, 8)]).toContain('additive');
    expect([...g.factorCapabilities(graph, 8)]).not.toContain('upperBound');
  });

  it('takes linear time in a graph of shared parts', () => {
    const nodes: g.GraphNode[] = [{ kind: 'feature', name: 'length', args: {}, type: 'score' }];
    for (let i = 0; i < 60; i++) nodes.push({ kind: 'arithmetic', op: 'add', left: i, right: i, type: 'score' });
    const doubled: g.ModelGraph = { ...graph, nodes };
    expect(g.shapeOf(doubled, 60)).toBe('additive');
    expect(g.nodeRange(doubled, 60, { maxTokens: 1, maxChars: 1 }).hi).toBe(2 ** 60);
    expect(g.expressionText(doubled, 60).length).toBeLessThan(200_000);
  });
});

describe('printing', () => {
  it.each(['text', 'mermaid', 'dot', 'json'] as const)('%s', (format) => {
    expect(g.printGraph(example(), format)).toMatchSnapshot();
  });

  it('puts parentheses where they are needed', () => {
    const graph = example({ names: false });
    expect(g.expressionText(graph, 8)).toBe('exp((count("Paris") - 0.1*length)/beta)');
  });
});

describe('rendered diagnostics', () => {
  const source = 'prior = bigram({})\nposterior = prior * rewrd\n';
  const span = { source: 'a.post', start: source.indexOf('rewrd'), end: source.indexOf('rewrd') + 5 };
  const diagnostic: g.Diagnostic = {
    code: 'P100',
    severity: 'error',
    message: 'unknown name "rewrd"',
    span,
    related: [{ span: { source: 'a.post', start: 0, end: 5 }, message: 'the prior is here' }],
    help: 'declare it first',
    fix: { title: 'replace by "reward"', edits: [{ span, newText: 'reward' }] },
  };

  it('shows place, culprit, related places, help and fix', () => {
    expect(g.renderDiagnostic(diagnostic, source)).toMatchInlineSnapshot(`
      "a.post:2:21: error[P100]: unknown name "rewrd"
        posterior = prior * rewrd
                            ^^^^^
        note: a.post:1:1: the prior is here
        help: declare it first
        fix: replace by "reward""
    `);
  });

  it('keeps the caret under its culprit after astral characters and tabs, and cuts long lines', () => {
    const text = `\t"😀😀" ${'x'.repeat(300)} bad`;
    const at = { source: 'a.post', start: text.indexOf('bad'), end: text.indexOf('bad') + 3 };
    const lines = g.renderDiagnostic({ ...diagnostic, span: at, related: [] }, text).split('\n');
    expect(lines[0]).toContain('a.post:1:308:');
    expect([...lines[1]].slice([...lines[2]].indexOf('^')).join('')).toBe('bad');
    expect([...lines[1]].length).toBeLessThan(110);
  });

  it('does without a source', () => {
    expect(g.renderDiagnostic({ code: 'P500', severity: 'error', message: 'no such file' })).toBe(
      'error[P500]: no such file',
    );
  });
});
